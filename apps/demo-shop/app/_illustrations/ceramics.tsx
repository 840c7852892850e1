import { Glaze, Shadow, Stage } from "./stage.tsx";

const label = {
  jar: "달항아리 화병 그림",
  mug: "아침 머그 그림",
  bowls: "밥공기 두 개 그림",
  pot: "찻주전자 그림",
};

/** The body of the moon jar with its twig; also used by the front page's large picture. */
export function MoonJarShape({ id }: { id: string }) {
  return (
    <g>
      <defs>
        <radialGradient id={`${id}-jar`} cx="0.34" cy="0.3" r="0.85">
          <stop offset="0" stopColor="#fffefa" />
          <stop offset="0.5" stopColor="#f1ece0" />
          <stop offset="0.82" stopColor="#d3cab8" />
          <stop offset="1" stopColor="#b7ab96" />
        </radialGradient>
      </defs>
      <g fill="none" stroke="#5b4a3a" strokeLinecap="round">
        <path d="M206 158 C204 120 218 96 246 62 C254 52 262 38 264 26" strokeWidth="4" />
        <path d="M214 112 C200 96 184 88 166 84" strokeWidth="3" />
        <path d="M236 76 C254 78 272 72 288 60" strokeWidth="3" />
        <path d="M183 92 C178 84 176 76 177 68" strokeWidth="2" />
      </g>
      <g fill="#f8e9e2">
        <circle cx="264" cy="24" r="9" />
        <circle cx="166" cy="84" r="10" />
        <circle cx="290" cy="58" r="9" />
        <circle cx="177" cy="66" r="6" />
        <circle cx="226" cy="92" r="8" />
      </g>
      <g fill="#e3a998">
        <circle cx="264" cy="25" r="3.4" />
        <circle cx="167" cy="85" r="3.8" />
        <circle cx="289" cy="59" r="3.4" />
        <circle cx="177" cy="66" r="2.4" />
        <circle cx="226" cy="92" r="3" />
      </g>
      <g fill="#c98d78">
        <circle cx="252" cy="46" r="3" />
        <circle cx="200" cy="97" r="3" />
        <circle cx="272" cy="71" r="2.6" />
      </g>
      <path
        d="M178 158 C178 151 190 148 204 148 C218 148 230 151 230 158 L228 168 C270 178 302 210 303 250 C304 292 266 322 240 330 L240 336 C240 341 168 341 168 336 L168 330 C140 321 104 290 105 249 C106 209 139 177 180 168 Z"
        fill={`url(#${id}-jar)`}
      />
      <ellipse cx="204" cy="157" rx="26" ry="8" fill="#8f836f" />
      <ellipse cx="204" cy="159.5" rx="23" ry="5.5" fill="#5d5344" />
      <path
        d="M112 258 C150 270 258 271 298 258"
        fill="none"
        stroke="#c9bfac"
        strokeWidth="1.6"
        opacity="0.7"
      />
      <path
        d="M138 214 C146 198 160 188 176 184"
        fill="none"
        stroke="#fff"
        strokeWidth="7"
        strokeLinecap="round"
        opacity="0.8"
      />
    </g>
  );
}

export function MoonJar() {
  return (
    <Stage
      id="jar"
      label={label.jar}
      wall={["#dcd6c8", "#c9c1af"]}
      table={["#b79f82", "#9c8365"]}
      horizon={286}
    >
      <Shadow id="jar" cx={236} cy={336} rx={128} ry={20} />
      <MoonJarShape id="jar" />
    </Stage>
  );
}

const speckles = [
  [158, 214],
  [176, 246],
  [150, 270],
  [196, 226],
  [214, 262],
  [188, 292],
  [232, 218],
  [168, 310],
  [222, 306],
  [204, 196],
  [146, 238],
  [240, 276],
  [182, 270],
  [228, 244],
  [160, 292],
  [210, 320],
] as const;

export function MorningMug() {
  return (
    <Stage id="mug" label={label.mug} wall={["#ece3d3", "#dccfb9"]} table={["#d9c7a8", "#c4ae8b"]}>
      <defs>
        <Glaze id="mug-glaze" from="#b9d0bf" via="#8fb09d" to="#567c6a" />
        <Glaze id="mug-foot" from="#d8b48c" via="#b98f66" to="#8a6445" />
      </defs>
      <Shadow id="mug" cx={226} cy={340} rx={120} ry={18} />
      <g fill="none" stroke="#fff" strokeLinecap="round" strokeWidth="5" opacity="0.55">
        <path d="M168 146 C158 130 178 118 168 98" />
        <path d="M196 140 C186 122 208 106 196 82" />
        <path d="M224 146 C214 130 234 118 224 98" />
      </g>
      <path
        d="M258 206 C300 196 322 222 314 254 C308 280 284 298 252 296"
        fill="none"
        stroke="#6b917d"
        strokeWidth="19"
        strokeLinecap="round"
      />
      <path
        d="M258 206 C300 196 322 222 314 254 C308 280 284 298 252 296"
        fill="none"
        stroke="#8fb09d"
        strokeWidth="9"
        strokeLinecap="round"
        transform="translate(-2.5 -3)"
      />
      <path d="M146 318 L250 318 L246 342 C246 347 150 347 150 342 Z" fill="url(#mug-foot)" />
      <path
        d="M126 174 C126 166 158 160 197 160 C236 160 268 166 268 174 C268 232 264 284 254 322 C246 331 148 331 140 322 C130 284 126 232 126 174 Z"
        fill="url(#mug-glaze)"
      />
      <g fill="#48685a" opacity="0.5">
        {speckles.map(([x, y], index) => (
          <circle key={`${x}-${y}`} cx={x} cy={y} r={index % 3 === 0 ? 2.1 : 1.3} />
        ))}
      </g>
      <ellipse cx="197" cy="174" rx="71" ry="14.5" fill="#7a5d43" />
      <ellipse cx="197" cy="176" rx="65" ry="11.5" fill="#3c2819" />
      <path
        d="M138 180 C158 188 214 190 250 182"
        stroke="#6d4a30"
        strokeWidth="3"
        fill="none"
        opacity="0.7"
        strokeLinecap="round"
      />
      <path
        d="M143 206 C145 240 149 270 155 296"
        stroke="#e4efe5"
        strokeWidth="7"
        fill="none"
        strokeLinecap="round"
        opacity="0.6"
      />
    </Stage>
  );
}

function Bowl({ id, x, y, size }: { id: string; x: number; y: number; size: number }) {
  return (
    <g transform={`translate(${x} ${y}) scale(${size})`}>
      <path d="M-30 66 L30 66 L27 84 C27 88 -27 88 -27 84 Z" fill="#cfc5b3" />
      <path
        d="M-92 -34 C-92 22 -58 68 -30 72 C-14 75 14 75 30 72 C58 68 92 22 92 -34 Z"
        fill={`url(#${id})`}
      />
      <path d="M-89 -6 C-52 12 52 12 89 -6" fill="none" stroke="#33518a" strokeWidth="6.5" opacity="0.88" />
      <path d="M-87.5 4 C-52 21 52 21 87.5 4" fill="none" stroke="#33518a" strokeWidth="1.6" opacity="0.65" />
      <ellipse cx="0" cy="-34" rx="92" ry="19" fill="#fdfbf5" />
      <ellipse cx="0" cy="-32" rx="84" ry="15" fill="#d9d1c1" />
      <path
        d="M-84 -32 C-60 -8 60 -8 84 -32 C84 -24 46 -17 0 -17 C-46 -17 -84 -24 -84 -32 Z"
        fill="#efe9dd"
      />
      <path
        d="M-70 14 C-64 34 -54 48 -44 56"
        stroke="#fff"
        strokeWidth="6"
        fill="none"
        strokeLinecap="round"
        opacity="0.75"
      />
    </g>
  );
}

export function RiceBowls() {
  return (
    <Stage
      id="bowls"
      label={label.bowls}
      wall={["#d3dbe0", "#bccad2"]}
      table={["#e4dccd", "#d0c4ae"]}
      horizon={234}
    >
      <defs>
        <Glaze id="bowls-glaze" from="#fffefa" via="#f0ebdf" to="#beb39f" />
      </defs>
      <Shadow id="bowls" cx={262} cy={268} rx={112} ry={16} />
      <Bowl id="bowls-glaze" x={252} y={196} size={0.86} />
      <Shadow id="bowls" cx={176} cy={330} rx={130} ry={18} />
      <Bowl id="bowls-glaze" x={160} y={246} size={1} />
      <g strokeLinecap="round">
        <path d="M284 372 L384 300" stroke="#6b4a33" strokeWidth="6" />
        <path d="M298 380 L394 314" stroke="#7c583e" strokeWidth="6" />
      </g>
    </Stage>
  );
}

export function Teapot() {
  return (
    <Stage
      id="pot"
      label={label.pot}
      wall={["#d9c9b4", "#c4ae93"]}
      table={["#8f7d69", "#75644f"]}
      horizon={274}
    >
      <defs>
        <radialGradient id="pot-body" cx="0.32" cy="0.26" r="0.9">
          <stop offset="0" stopColor="#6d675f" />
          <stop offset="0.3" stopColor="#3f3a35" />
          <stop offset="1" stopColor="#1d1a17" />
        </radialGradient>
        <Glaze id="pot-bamboo" from="#d9b878" via="#b98f4d" to="#8a6631" />
      </defs>
      <Shadow id="pot" cx={226} cy={334} rx={142} ry={19} />
      <path
        d="M122 190 C118 96 156 62 206 62 C256 62 294 96 290 190"
        fill="none"
        stroke="url(#pot-bamboo)"
        strokeWidth="12"
        strokeLinecap="round"
      />
      <g stroke="#7d5c2c" strokeWidth="2.4">
        <path d="M123 152 l13 2" />
        <path d="M148 88 l9 8" />
        <path d="M205 56 l1 12" />
        <path d="M263 88 l-9 8" />
        <path d="M289 152 l-13 2" />
      </g>
      <path
        d="M284 236 C312 228 320 202 330 186 C336 178 350 180 349 190 C344 222 330 268 282 282 Z"
        fill="#2b2723"
      />
      <path d="M331 186 C337 179 349 181 348 189" fill="none" stroke="#5c554d" strokeWidth="3" />
      <path
        d="M140 206 C150 190 262 190 272 206 C302 224 312 264 294 296 C284 316 262 330 206 330 C150 330 128 316 118 296 C100 264 110 224 140 206 Z"
        fill="url(#pot-body)"
      />
      <ellipse cx="206" cy="203" rx="58" ry="11" fill="#171412" />
      <path d="M152 200 C160 178 252 178 260 200 C250 210 162 210 152 200 Z" fill="#35302b" />
      <path
        d="M166 192 C178 184 200 182 216 183"
        stroke="#8b847b"
        strokeWidth="3.5"
        fill="none"
        strokeLinecap="round"
        opacity="0.8"
      />
      <path d="M196 180 C192 166 220 166 216 180 Z" fill="#2b2723" />
      <ellipse cx="206" cy="169" rx="12" ry="8" fill="#4a443e" />
      <circle cx="128" cy="204" r="9" fill="#241f1b" />
      <circle cx="284" cy="204" r="9" fill="#241f1b" />
      <path
        d="M132 240 C136 226 146 216 158 211"
        stroke="#b5aea4"
        strokeWidth="7"
        fill="none"
        strokeLinecap="round"
        opacity="0.55"
      />
    </Stage>
  );
}
