import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { createPayApiMiddleware } from "@payapi/express-middleware";
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from "express";
import type { Shop } from "../shop/shop.js";
import { missingPage, notePage, page } from "./frame.js";
import { html } from "./html.js";
import { listRoutes } from "./list-routes.js";
import { orderRoutes } from "./order-routes.js";
import { linkUsed, onlyStaff, type Staff } from "./staff.js";

const own = ["script-src", "style-src", "font-src", "img-src", "connect-src", "form-action"];
const policy = [
  "default-src 'none'",
  ...own.map((what) => `${what} 'self'`),
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join("; ");

const home = fileURLToPath(new URL("../../", import.meta.url));
const fonts = join(
  dirname(createRequire(import.meta.url).resolve("pretendard/package.json")),
  "dist/web/variable",
);

export function createBackOffice(shop: Shop, staff: Staff, clock: () => Date = () => new Date()): Express {
  const { ledger, orders, settings } = shop;
  const secure = settings.publicOrigin.startsWith("https:");
  const app = express();
  app.disable("x-powered-by");
  app.use(protect(settings.publicOrigin));
  app.use("/assets", express.static(join(home, "design")));
  app.use("/assets", express.static(join(home, "back-office-assets")));
  app.use("/assets", express.static(join(home, "public")));
  app.use("/font", express.static(fonts, { maxAge: "1h" }));

  app.use(
    "/payments",
    createPayApiMiddleware({
      payapi: shop.payapi,
      ledger,
      orders,
      context: (request) => ({ staff: staff.nameOf(request.headers.get("cookie")) }),
      authorize: ({ context }) => context.staff !== undefined,
      actor: ({ staff }) => staff,
      publicUrl: settings.publicOrigin,
      basePath: "/payments",
      groups: ["orders", "cancels"],
    }),
  );

  app.get("/enter", (request, response) => {
    // Link previews send HEAD, which must not use up the ticket.
    if (request.method === "HEAD") {
      response.end();
      return;
    }
    const { ticket } = request.query;
    const session = typeof ticket === "string" ? staff.enter(ticket) : undefined;
    if (session === undefined) {
      response.status(403).send(strangerPage());
      return;
    }
    console.log(linkUsed);
    response.setHeader("set-cookie", staff.setCookie(session, secure));
    response.send(enteredPage());
  });
  app.use(
    onlyStaff(staff, (_request, response) => {
      response.status(403).send(strangerPage());
    }),
  );
  app.post("/leave", (request, response) => {
    staff.leave(request.headers.cookie);
    response.setHeader("set-cookie", staff.setCookie(undefined, secure));
    response.send(strangerPage());
  });

  app.use(listRoutes(shop));
  app.use(orderRoutes(shop, clock));
  app.use((_request, response) => {
    response.status(404).send(missingPage());
  });
  app.use(answerErrors);
  return app;
}

/** Allows only the back office's address, no frames or scripts of other sites, and no caching. */
function protect(publicOrigin: string): RequestHandler {
  const { host } = new URL(publicOrigin);
  return (request, response, next) => {
    response.setHeader("content-security-policy", policy);
    response.setHeader("referrer-policy", "same-origin");
    response.setHeader("x-content-type-options", "nosniff");
    response.setHeader("cache-control", "no-store");
    const changes = request.method !== "GET" && request.method !== "HEAD";
    const foreign = changes && request.headers.origin !== publicOrigin;
    if (request.headers.host === host && !foreign) next();
    else if (request.method === "GET")
      // Concatenated, not resolved: "//elsewhere.example" must stay a path.
      response.redirect(307, publicOrigin + request.originalUrl.replace(/^[/\\]*/, "/"));
    else response.status(403).end();
  };
}

// Express recognises an error handler by its four parameters.
const answerErrors: ErrorRequestHandler = (error: unknown, request, response, next) => {
  console.error(
    `${request.method} ${request.path} failed: ${error instanceof Error ? error.message : typeof error}`,
  );
  if (response.headersSent) next(error);
  else
    response
      .status(500)
      .send(
        notePage(
          "문제",
          "취소를 하시던 중이었다면 다시 하기 전에 결제의 상태를 먼저 확인해 주세요.",
          "잠시 문제가 생겼습니다",
        ),
      );
};

function strangerPage(): string {
  const body = html`<section class="panel narrow stack">
<h1>직원만 볼 수 있습니다</h1>
<p>데모를 실행한 터미널에 찍힌 <strong>직원용 일회용 링크</strong>로 들어와 주세요.</p>
<p class="soft">링크는 한 번만 쓸 수 있습니다. 이미 썼다면 그 터미널의 맨 아래에 새 링크가 나와 있습니다.</p>
</section>`;
  return page("들어오기", body, false);
}

/** Shown after a valid ticket. The page continues by itself, since a redirect could lose a SameSite=Strict cookie. */
function enteredPage(): string {
  const body = html`<meta http-equiv="refresh" content="0;url=/">
<section class="panel narrow stack"><h1>들어왔습니다</h1><p><a class="button" href="/">결제 목록 보기</a></p></section>`;
  return page("들어왔습니다", body, false);
}
