import "pretendard/dist/web/variable/pretendardvariable-dynamic-subset.css";
import "../design/system.css";
import "../design/storefront.css";
import type { Metadata, Viewport } from "next";
import type { ReactNode } from "react";
import { SiteFooter, SiteHeader } from "./_parts/site-frame.tsx";

export const metadata: Metadata = {
  title: { default: "온담 — 매일 손이 가는 그릇과 문구", template: "%s — 온담" },
  description: "여주와 산청의 작은 공방에서 만든 그릇과 문구를 파는 상점, 온담입니다.",
  icons: { icon: "/icon.svg" },
};

export const viewport: Viewport = { width: "device-width", initialScale: 1, themeColor: "#f6f3ec" };

export default function RootLayout({ children }: { children: ReactNode }) {
  return (
    <html lang="ko">
      <body>
        <a className="skip-link" href="#content">
          본문으로 건너뛰기
        </a>
        <SiteHeader />
        <main id="content" tabIndex={-1} className="page">
          {children}
        </main>
        <SiteFooter />
      </body>
    </html>
  );
}
