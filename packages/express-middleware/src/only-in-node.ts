/**
 * The entry point for bundles of browsers and edge runtimes (docs/decisions/0007). It imports a module that does not exist, so every
 * bundler fails here and prints that module's name, which says what to do.
 */
// @ts-expect-error There is no such module.
import "@payapi/express-middleware runs only in Node.js: import it in server code only (pages use @payapi/core/browser), and remove the edge runtime from the route's file. Node.js에서만 실행됩니다. 서버 코드에서만 import하고(브라우저에서는 @payapi/core/browser), 라우트 파일에서 edge 런타임을 삭제하세요.";
