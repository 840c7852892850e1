import { describe, expect, it } from "vitest";
import {
  type ChangeOptions,
  createPayApiBrowser,
  type PayApiBrowser,
  type ReadOptions,
} from "../src/browser/index.js";
import { answerShapes, routes } from "../src/handler/index.js";
import type { Answers, Bodies } from "../src/handler/messages.js";
import type { BuyerRoute } from "../src/handler/route.js";
import type { routeTable } from "../src/handler/routes/index.js";

type Table = Extract<(typeof routeTable)[number], { readonly name: string }>;
type Named<Name> = Extract<Table, { readonly name: Name }>;

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
/** Compiles only where it is given `true`. */
type Holds<T extends true> = T;

type Field<R> = R extends { readonly body: readonly (infer F)[] } ? F : never;
type NameOf<F> = F extends { readonly name: infer N } ? N : never;
type RequiredIn<T> = { [K in keyof T]-?: Record<never, never> extends Pick<T, K> ? never : K }[keyof T];
type BodyOf<Name> = Name extends keyof Bodies ? Bodies[Name] : Record<never, never>;

// The client's method for a route, as the table has it.
type Options<R> = R extends { readonly method: "GET" } | { readonly name: "lookupCardPrefix" }
  ? ReadOptions
  : ChangeOptions;
type Rest<R, Name> = Name extends keyof Bodies
  ? [body: Bodies[Name], options?: Options<R>]
  : [options?: Options<R>];
type MethodOf<R extends Table> = (
  ...given: R["subject"] extends "customer" ? Rest<R, R["name"]> : [id: string, ...Rest<R, R["name"]>]
) => Promise<Answers[R["answer"]]>;

/** Whether the table's fields for a route are those of its body's type, the required ones included. */
type BodyHolds<Name> =
  Same<NameOf<Field<Named<Name>>>, keyof BodyOf<Name>> extends true
    ? Same<NameOf<Extract<Field<Named<Name>>, { readonly required: true }>>, RequiredIn<BodyOf<Name>>>
    : false;
/** Compares the type of a route's answer with the table. */
type AnswerHolds<R extends Table> = Awaited<ReturnType<R["run"]>>["body"] extends Answers[R["answer"]]
  ? true
  : false;

/** All that the compiler proves about the table and the client. Without one of them this file does not compile. */
export type Proofs = [
  Holds<Same<keyof PayApiBrowser, Table["name"]>>,
  Holds<Same<{ [Name in Table["name"]]: BodyHolds<Name> }, { [Name in Table["name"]]: true }>>,
  Holds<Same<{ [Name in Table["name"]]: AnswerHolds<Named<Name>> }, { [Name in Table["name"]]: true }>>,
  Holds<PayApiBrowser extends { [Name in Table["name"]]: MethodOf<Named<Name>> } ? true : false>,
  Holds<{ [Name in Table["name"]]: MethodOf<Named<Name>> } extends PayApiBrowser ? true : false>,
];

const shopRoutes = routes.filter((route): route is BuyerRoute => "name" in route);

interface Seen {
  readonly url: string;
  readonly init: RequestInit;
}

/** The request of a method, and its result. */
async function callMethod(route: BuyerRoute): Promise<{ seen: Seen[]; resolved: unknown }> {
  const seen: Seen[] = [];
  const client = createPayApiBrowser({
    basePath: "/payments",
    language: "ko",
    fetch: async (url, init) => {
      seen.push({ url, init });
      return Response.json(answerShapes[route.answer].example, { status: route.success });
    },
  });
  const body = { prefix: "411111" };
  const given = [
    ...(route.subject === "customer" ? [] : ["a/b ?#가"]),
    ...(route.body.length === 0 ? [] : [body]),
  ];
  const methods = client as unknown as Record<string, (...given: unknown[]) => Promise<unknown>>;
  return { seen, resolved: await methods[route.name]?.(...given) };
}

describe("the browser client", () => {
  it("has exactly one method for every buyer route", () => {
    expect(shopRoutes.length).toBe(16);
    expect(Object.keys(createPayApiBrowser({ basePath: "/payments" })).toSorted()).toEqual(
      shopRoutes.map(({ name }) => name).toSorted(),
    );
  });

  it.each(shopRoutes.map((route) => [route.name, route] as const))(
    "sends %s once with the method and path of the table",
    async (_name, route) => {
      const { seen, resolved } = await callMethod(route);
      const path = route.path.replace(/:\w+/, "a%2Fb%20%3F%23%EA%B0%80");
      expect(seen.map(({ url, init }) => [init.method, url])).toEqual([[route.method, `/payments${path}`]]);
      expect(resolved).toEqual(answerShapes[route.answer].example);
      const init = seen[0]?.init ?? {};
      expect(init).toMatchObject({
        mode: "same-origin",
        credentials: "same-origin",
        redirect: "manual",
        cache: "no-store",
      });
      const headers = new Headers(init.headers);
      const writes = route.method !== "GET";
      expect(headers.get("content-type")).toBe(writes ? "application/json" : null);
      expect(init.body).toBe(writes ? (route.body.length === 0 ? "{}" : '{"prefix":"411111"}') : undefined);
      // A lookup changes nothing, so there is nothing to remember.
      const remembered = writes && route.name !== "lookupCardPrefix";
      expect(headers.get("idempotency-key") ?? "").toMatch(remembered ? /^[0-9a-f]{32}$/ : /^$/);
    },
  );
});

describe("the shapes of answers", () => {
  it("match their examples, which contain every required field", () => {
    for (const { fields, example } of Object.values(answerShapes)) {
      expect(Object.keys(fields)).toEqual(expect.arrayContaining(Object.keys(example)));
      const always = Object.entries(fields).flatMap(([name, field]) => (field.always ? [name] : []));
      expect(Object.keys(example)).toEqual(expect.arrayContaining(always));
    }
  });
});
