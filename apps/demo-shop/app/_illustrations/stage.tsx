import type { ReactNode } from "react";

/** The corner of a room that every picture of the catalogue is set in: a wall, a table and light from the left. */
export function Stage({
  id,
  label,
  wall,
  table,
  horizon = 262,
  children,
}: {
  id: string;
  label: string;
  wall: readonly [light: string, dark: string];
  table: readonly [light: string, dark: string];
  horizon?: number;
  children: ReactNode;
}) {
  return (
    <svg viewBox="0 0 400 400" role="img" aria-label={label}>
      <defs>
        <linearGradient id={`${id}-wall`} x1="0" y1="0" x2="1" y2="0.6">
          <stop offset="0" stopColor={wall[0]} />
          <stop offset="1" stopColor={wall[1]} />
        </linearGradient>
        <linearGradient id={`${id}-table`} x1="0" y1="0" x2="1" y2="0.3">
          <stop offset="0" stopColor={table[0]} />
          <stop offset="1" stopColor={table[1]} />
        </linearGradient>
        <radialGradient id={`${id}-shadow`}>
          <stop offset="0" stopColor="#2a2117" stopOpacity="0.42" />
          <stop offset="0.55" stopColor="#2a2117" stopOpacity="0.2" />
          <stop offset="1" stopColor="#2a2117" stopOpacity="0" />
        </radialGradient>
      </defs>
      <rect width="400" height="400" fill={`url(#${id}-wall)`} />
      <rect y={horizon} width="400" height={400 - horizon} fill={`url(#${id}-table)`} />
      {children}
    </svg>
  );
}

/** A soft shadow on the table. */
export function Shadow({
  id,
  cx,
  cy,
  rx,
  ry,
}: {
  id: string;
  cx: number;
  cy: number;
  rx: number;
  ry: number;
}) {
  return <ellipse cx={cx} cy={cy} rx={rx} ry={ry} fill={`url(#${id}-shadow)`} />;
}

/** A colour that turns from the light into the shade. */
export function Glaze({ id, from, via, to }: { id: string; from: string; via: string; to: string }) {
  return (
    <linearGradient id={id} x1="0" y1="0" x2="1" y2="0.25">
      <stop offset="0" stopColor={from} />
      <stop offset="0.45" stopColor={via} />
      <stop offset="1" stopColor={to} />
    </linearGradient>
  );
}
