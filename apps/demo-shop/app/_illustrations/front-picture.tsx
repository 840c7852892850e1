import { MoonJarShape } from "./ceramics.tsx";

/** The front page's picture: a jar, a notebook and a cup on a window sill in the morning. */
export function FrontPicture() {
  return (
    <svg viewBox="0 0 720 520" role="img" aria-label="아침 창가에 놓인 달항아리와 찻잔, 노트 그림">
      <defs>
        <linearGradient id="front-wall" x1="0" y1="0" x2="1" y2="0.5">
          <stop offset="0" stopColor="#e7e2d5" />
          <stop offset="1" stopColor="#d5cdba" />
        </linearGradient>
        <linearGradient id="front-table" x1="0" y1="0" x2="1" y2="0.2">
          <stop offset="0" stopColor="#c6ad8c" />
          <stop offset="1" stopColor="#a88c69" />
        </linearGradient>
        <radialGradient id="front-shadow">
          <stop offset="0" stopColor="#2a2117" stopOpacity="0.42" />
          <stop offset="0.55" stopColor="#2a2117" stopOpacity="0.2" />
          <stop offset="1" stopColor="#2a2117" stopOpacity="0" />
        </radialGradient>
        <linearGradient id="front-cup" x1="0" y1="0" x2="1" y2="0.25">
          <stop offset="0" stopColor="#b9d0bf" />
          <stop offset="0.45" stopColor="#8fb09d" />
          <stop offset="1" stopColor="#567c6a" />
        </linearGradient>
      </defs>
      <rect width="720" height="520" fill="url(#front-wall)" />
      <g fill="#fffaf0" opacity="0.5">
        <path d="M250 0 L420 0 L330 392 L150 392 Z" />
        <path d="M452 0 L600 0 L520 392 L364 392 Z" />
      </g>
      <path d="M0 392 H720 V520 H0 Z" fill="url(#front-table)" />
      <path d="M0 392 H720" stroke="#8f7553" strokeWidth="2" opacity="0.4" />
      <ellipse cx="420" cy="448" rx="170" ry="24" fill="url(#front-shadow)" />
      <g transform="translate(120 20) scale(1.25)">
        <MoonJarShape id="front" />
      </g>
      <ellipse cx="598" cy="470" rx="92" ry="15" fill="url(#front-shadow)" />
      <path
        d="M532 404 C532 398 554 394 584 394 C614 394 636 398 636 404 C636 440 624 466 606 474 L562 474 C544 466 532 440 532 404 Z"
        fill="url(#front-cup)"
      />
      <ellipse cx="584" cy="404" rx="52" ry="10" fill="#7a5d43" />
      <ellipse cx="584" cy="405.5" rx="47" ry="7.5" fill="#93702f" />
      <path
        d="M544 420 C546 438 552 454 560 464"
        stroke="#e4efe5"
        strokeWidth="5"
        fill="none"
        strokeLinecap="round"
        opacity="0.6"
      />
      <g fill="none" stroke="#fff" strokeLinecap="round" strokeWidth="4.5" opacity="0.6">
        <path d="M572 384 C564 370 580 360 572 342" />
        <path d="M594 380 C586 366 602 352 594 332" />
      </g>
      <g transform="translate(56 4)">
        <ellipse cx="150" cy="482" rx="150" ry="16" fill="url(#front-shadow)" />
        <path d="M30 470 L228 470 L262 446 L70 446 Z" fill="#365080" />
        <path d="M30 470 L228 470 L228 484 L30 484 Z" fill="#f4eede" />
        <path d="M228 470 L262 446 L262 459 L228 484 Z" fill="#dccfb6" />
        <path d="M30 484 H228 L262 459" fill="none" stroke="#263b62" strokeWidth="3" />
        <g stroke="#f0e6cd" strokeWidth="2">
          <path d="M42 467 L80 447.5" />
          <path d="M52 470 l-10 -3 M63 459 l-9 -2 M74 452 l-8 -2" />
        </g>
        <path d="M96 440 L236 452" stroke="#b98c38" strokeWidth="7" strokeLinecap="round" />
        <path d="M98 438.5 L234 450" stroke="#f1d58e" strokeWidth="2" strokeLinecap="round" />
      </g>
    </svg>
  );
}
