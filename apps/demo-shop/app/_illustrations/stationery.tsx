import { Glaze, Shadow, Stage } from "./stage.tsx";

export function StitchedNotebook() {
  return (
    <Stage
      id="note"
      label="오침안정 노트 그림"
      wall={["#e9e0d0", "#dacdb8"]}
      table={["#e9e0d0", "#d4c6af"]}
      horizon={400}
    >
      <defs>
        <Glaze id="note-cover" from="#4a638f" via="#365080" to="#263b62" />
      </defs>
      <Shadow id="note" cx={218} cy={336} rx={150} ry={30} />
      <g transform="rotate(-7 200 200)">
        <rect x="108" y="66" width="196" height="274" rx="2" fill="#d6cdb9" />
        <rect x="104" y="62" width="196" height="274" rx="2" fill="#f4eede" />
        <path d="M104 70 h-2 v264 h190 v2 h-192 v-266 z" fill="#b9ad95" opacity="0.5" />
        <rect x="98" y="56" width="196" height="274" rx="2" fill="url(#note-cover)" />
        <g stroke="#fff" strokeWidth="0.8" opacity="0.09">
          {Array.from({ length: 22 }, (_, index) => 66 + index * 12).map((y) => (
            <path key={y} d={`M98 ${y} l196 ${(y % 5) - 2}`} />
          ))}
        </g>
        <g stroke="#f0e6cd" strokeWidth="2.6" strokeLinecap="round">
          <path d="M122 56 V330" />
          {[84, 138, 193, 248, 302].map((y) => (
            <path key={y} d={`M98 ${y} H122`} />
          ))}
          <path d="M122 84 L122 56 M98 330" />
        </g>
        <g fill="#1d2d4c">
          {[84, 138, 193, 248, 302].map((y) => (
            <circle key={y} cx="122" cy={y} r="2.6" />
          ))}
        </g>
        <rect x="152" y="82" width="46" height="128" rx="1" fill="#f6efdd" />
        <rect x="156" y="86" width="38" height="120" fill="none" stroke="#a2563f" strokeWidth="1" />
        <g stroke="#35302a" strokeWidth="3" strokeLinecap="round" fill="none">
          <path d="M175 104 v12 M168 110 h14 M169 124 h12 v10 h-12 z" />
          <path d="M168 152 h14 M175 152 v14 M169 172 q6 8 13 0" />
        </g>
        <rect x="167" y="186" width="15" height="13" rx="1.5" fill="#a8422e" />
      </g>
    </Stage>
  );
}

export function BrassPen() {
  return (
    <Stage
      id="pen"
      label="황동 볼펜 그림"
      wall={["#b9c4bb", "#a3b1a7"]}
      table={["#b9c4bb", "#a3b1a7"]}
      horizon={400}
    >
      <defs>
        <linearGradient id="pen-brass" x1="0" y1="0" x2="0" y2="1">
          <stop offset="0" stopColor="#f1d58e" />
          <stop offset="0.34" stopColor="#d3a84f" />
          <stop offset="0.36" stopColor="#b98c38" />
          <stop offset="0.68" stopColor="#a37829" />
          <stop offset="0.7" stopColor="#7d5a1c" />
          <stop offset="1" stopColor="#6b4b15" />
        </linearGradient>
      </defs>
      <g transform="rotate(6 200 210)">
        <rect x="98" y="50" width="216" height="310" fill="#2a2117" opacity="0.16" />
        <rect x="90" y="42" width="216" height="310" fill="#f8f4ea" />
        <g stroke="#d9d1c0" strokeWidth="1.2">
          {Array.from({ length: 9 }, (_, index) => 86 + index * 30).map((y) => (
            <path key={y} d={`M112 ${y} H284`} />
          ))}
        </g>
        <g fill="none" stroke="#3b4a6b" strokeWidth="2.6" strokeLinecap="round">
          <path d="M116 80 c10 -12 14 8 24 -2 s12 6 22 0 s16 -8 26 0" />
          <path d="M116 110 c12 -10 16 6 28 -2 s16 8 30 -2 s14 6 22 2 s18 -6 26 0" />
          <path d="M116 140 c8 -8 16 6 24 0" />
        </g>
      </g>
      <g transform="rotate(-38 200 230)">
        <path d="M62 262 L342 262 L352 250 L62 250 Z" fill="#2a2117" opacity="0.22" />
        <path
          d="M64 216 L96 208 L316 208 L316 246 L96 246 L64 238 L50 230 L44 227 L50 224 Z"
          fill="url(#pen-brass)"
        />
        <path d="M50 223.5 L40 226 L40 228.5 L50 231 Z" fill="#3d3a36" />
        <path d="M104 208 V246 M112 208 V246" stroke="#6b4b15" strokeWidth="2" opacity="0.7" />
        <rect x="316" y="214" width="26" height="26" rx="2" fill="url(#pen-brass)" />
        <rect x="342" y="219" width="12" height="16" rx="3" fill="#b98c38" />
        <path d="M222 204 H318 V211 H228 C222 211 218 207 222 204 Z" fill="#e6c57a" />
        <path d="M120 214 H306" stroke="#fff5d8" strokeWidth="3" strokeLinecap="round" opacity="0.75" />
      </g>
    </Stage>
  );
}

const pencilColours = [
  ["석간주", "#8f3b2a"],
  ["장단", "#cf6a37"],
  ["석황", "#dba93c"],
  ["뇌록", "#4d7f63"],
  ["삼청", "#44709b"],
  ["먹", "#3a3733"],
] as const;

function Pencil({ x, top, colour }: { x: number; top: number; colour: string }) {
  return (
    <g transform={`translate(${x} ${top})`}>
      <path d="M-13 46 L-2.6 6 L2.6 6 L13 46 Z" fill="#ecd3ab" />
      <path d="M-4 12 L0 -4 L4 12 C2 14 -2 14 -4 12 Z" fill="#39352f" />
      <path
        d="M-13 46 C-11 38 -7 38 -5.5 46 C-4 38 4 38 5.5 46 C7 38 11 38 13 46 V262 H-13 Z"
        fill={colour}
      />
      <path d="M-13 46 C-11 40 -8 39 -5.5 46 V262 H-13 Z" fill="#fff" opacity="0.2" />
      <path d="M5.5 46 C8 39 11 40 13 46 V262 H5.5 Z" fill="#000" opacity="0.18" />
      <rect x="-13" y="238" width="26" height="8" fill="#f3ead8" opacity="0.85" />
    </g>
  );
}

export function Pencils() {
  return (
    <Stage
      id="pencils"
      label="여섯 색 연필 그림"
      wall={["#efe6d6", "#e0d3bd"]}
      table={["#efe6d6", "#e0d3bd"]}
      horizon={400}
    >
      <g transform="rotate(9 200 200)">
        <rect x="80" y="252" width="256" height="92" rx="3" fill="#2a2117" opacity="0.16" />
        {pencilColours.map(([name, colour], index) => (
          <g key={name}>
            <path
              d={`M${111 + index * 37} ${96 + (index % 2) * 10} l12 40 V320 h-20 Z`}
              fill="#2a2117"
              opacity="0.13"
            />
            <Pencil x={104 + index * 37} top={62 + (index % 2) * 12} colour={colour} />
          </g>
        ))}
        <rect x="72" y="246" width="256" height="92" rx="3" fill="#f7f1e3" />
        <rect x="72" y="246" width="256" height="12" fill="#dccfb6" opacity="0.6" />
        <rect x="174" y="270" width="52" height="52" rx="2" fill="none" stroke="#a8422e" strokeWidth="2.5" />
        <g stroke="#a8422e" strokeWidth="3.2" strokeLinecap="round" fill="none">
          <circle cx="200" cy="286" r="7" />
          <path d="M200 293 v7 M186 301 h28 M189 308 h22 v8 h-22 z" />
        </g>
      </g>
    </Stage>
  );
}

export function LetterSet() {
  return (
    <Stage
      id="letter"
      label="안부 편지지 그림"
      wall={["#cbb9a8", "#b5a08c"]}
      table={["#cbb9a8", "#b5a08c"]}
      horizon={400}
    >
      <defs>
        <Glaze id="letter-paper" from="#fdfaf1" via="#f6f0e1" to="#e6dcc6" />
        <Glaze id="letter-envelope" from="#efe3cb" via="#e3d3b4" to="#cdb991" />
      </defs>
      <g transform="rotate(5 240 160)">
        <rect x="142" y="42" width="190" height="256" fill="#2a2117" opacity="0.18" />
        <rect x="134" y="34" width="190" height="256" fill="url(#letter-paper)" />
        <g stroke="#d7c9ac" strokeWidth="1.2">
          {Array.from({ length: 8 }, (_, index) => 76 + index * 26).map((y) => (
            <path key={y} d={`M154 ${y} H304`} />
          ))}
        </g>
        <g fill="none" stroke="#4b4238" strokeWidth="2.6" strokeLinecap="round">
          <path d="M158 70 c6 -9 12 5 20 -1 s10 5 16 0" />
          <path d="M158 96 c12 -9 18 6 28 -1 s16 7 26 -1 s20 6 32 0 s16 -5 24 1" />
          <path d="M158 122 c10 -8 16 5 24 0 s18 6 28 -1 s18 5 26 0" />
        </g>
      </g>
      <g transform="rotate(-6 180 280)">
        <rect x="58" y="212" width="252" height="154" fill="#2a2117" opacity="0.2" />
        <rect x="50" y="203" width="252" height="154" rx="2" fill="url(#letter-envelope)" />
        <path d="M50 357 L140 274 M302 357 L212 274" stroke="#bda678" strokeWidth="1.6" fill="none" />
        <path d="M50 203 L176 296 L302 203 Z" fill="#e9dabb" stroke="#c3ad80" strokeWidth="1.6" />
        <circle cx="176" cy="290" r="21" fill="#8f2f20" />
        <circle cx="176" cy="290" r="15.5" fill="#a63c2a" />
        <g stroke="#7b2417" strokeWidth="2.6" fill="none" strokeLinecap="round">
          <circle cx="176" cy="285" r="4" />
          <path d="M176 289 v3.5 M168.5 293 h15 M170.5 297 h11" />
        </g>
        <path
          d="M163 281 C166 277 170 275 174 275"
          stroke="#d98a79"
          strokeWidth="2.4"
          fill="none"
          strokeLinecap="round"
          opacity="0.8"
        />
      </g>
    </Stage>
  );
}
