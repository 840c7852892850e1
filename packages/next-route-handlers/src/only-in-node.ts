/** The entry point for bundles of browsers and edge runtimes (docs/decisions/0007). It exports no names, so such a build fails. */
export {};

throw new Error(
  "@payapi/next-route-handlers runs only in Node.js: import it in server code only (pages use @payapi/core/browser), and remove " +
    '`export const runtime = "edge"` from the route\'s file. ' +
    "Node.js에서만 실행됩니다. 서버 코드에서만 import하고(브라우저에서는 @payapi/core/browser), " +
    '라우트 파일에서 `export const runtime = "edge"`를 삭제하세요.',
);
