import type { ComponentType } from "react";
import { MoonJar, MorningMug, RiceBowls, Teapot } from "./ceramics.tsx";
import { BrassPen, LetterSet, Pencils, StitchedNotebook } from "./stationery.tsx";

const pictures: Readonly<Record<string, ComponentType>> = {
  "moon-jar": MoonJar,
  "morning-mug": MorningMug,
  "rice-bowls": RiceBowls,
  teapot: Teapot,
  "stitched-notebook": StitchedNotebook,
  "brass-pen": BrassPen,
  pencils: Pencils,
  "letter-set": LetterSet,
};

/** The drawing of one of the goods. */
export function GoodsPicture({ id }: { id: string }) {
  const Picture = pictures[id];
  return <span className="picture">{Picture === undefined ? null : <Picture />}</span>;
}
