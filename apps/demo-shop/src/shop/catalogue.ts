/** One thing the shop sells. */
export interface Goods {
  readonly id: string;
  readonly name: string;
  /** Won, VAT included. */
  readonly price: number;
  readonly kind: "그릇" | "문구" | "공간";
  readonly summary: string;
  readonly story: string;
  readonly facts: Readonly<Record<string, string>>;
}

/** Everything the shop sells. Prices are read from here on the server, never from a browser. */
export const catalogue: readonly Goods[] = [
  {
    id: "moon-jar",
    name: "달항아리 화병",
    price: 68_000,
    kind: "공간",
    summary: "가지 하나만 꽂아도 충분한 백자 화병",
    story:
      "두 개의 반구를 이어 붙여 만드는 조선 백자의 방식을 작은 화병에 옮겼습니다. 조금 기운 어깨와 손자국은 그대로 두었습니다.",
    facts: { 크기: "지름 16cm, 높이 17cm", 재질: "백자토, 투명유", "만든 곳": "경기 여주" },
  },
  {
    id: "morning-mug",
    name: "아침 머그",
    price: 24_000,
    kind: "그릇",
    summary: "손에 감기는 청자빛 머그, 300ml",
    story:
      "재를 섞은 유약이 가마 안에서 저마다 다른 청자빛으로 남습니다. 두툼한 입술은 커피를 오래 따뜻하게 지켜 줍니다.",
    facts: { 용량: "300ml", 재질: "산청토, 재유", 사용: "전자레인지와 식기세척기 가능" },
  },
  {
    id: "rice-bowls",
    name: "소담 밥공기 두 개",
    price: 36_000,
    kind: "그릇",
    summary: "쪽빛 줄 하나를 두른 밥공기 한 쌍",
    story:
      "밥 한 공기가 넉넉해 보이도록 입을 넓게, 굽을 높게 빚었습니다. 줄은 물레 위에서 붓으로 한 번에 긋습니다.",
    facts: { 크기: "지름 12cm, 높이 6.5cm", 재질: "백자토, 청화", 구성: "두 개 한 쌍" },
  },
  {
    id: "teapot",
    name: "흑유 찻주전자",
    price: 89_000,
    kind: "그릇",
    summary: "대나무 손잡이를 단 검은 찻주전자",
    story:
      "철분이 많은 흙에 흑유를 두 번 입혔습니다. 물줄기가 끊기지 않도록 부리 안쪽의 거름 구멍을 하나씩 뚫었습니다.",
    facts: { 용량: "450ml", 재질: "조합토, 흑유, 대나무", "만든 곳": "경남 산청" },
  },
  {
    id: "stitched-notebook",
    name: "오침안정 노트",
    price: 12_000,
    kind: "문구",
    summary: "다섯 구멍을 꿰매어 묶은 무지 노트",
    story:
      "옛 책을 묶던 오침안정법 그대로, 명주실로 다섯 구멍을 꿰맸습니다. 펼치면 책등까지 평평하게 눕습니다.",
    facts: { 크기: "128 × 188mm, 96쪽", 종이: "미색 모조지 100g", 표지: "쪽물 들인 한지" },
  },
  {
    id: "brass-pen",
    name: "황동 볼펜",
    price: 54_000,
    kind: "문구",
    summary: "쓸수록 색이 깊어지는 육각 볼펜",
    story: "통황동을 깎아 만들었습니다. 코팅을 하지 않아 손이 닿는 자리부터 천천히 짙어집니다.",
    facts: { 크기: "길이 134mm, 무게 38g", 재질: "황동", 심: "0.5mm, 교체 가능" },
  },
  {
    id: "pencils",
    name: "여섯 색 연필",
    price: 9_000,
    kind: "문구",
    summary: "단청에서 고른 여섯 빛깔, HB 연필",
    story:
      "석간주, 장단, 석황, 뇌록, 삼청, 먹. 단청의 여섯 색을 입힌 연필입니다. 나무는 모두 향나무를 썼습니다.",
    facts: { 심: "HB 흑연", 재질: "향나무, 수성 도료", 구성: "여섯 자루" },
  },
  {
    id: "letter-set",
    name: "안부 편지지",
    price: 15_000,
    kind: "문구",
    summary: "편지지 열 장, 봉투 다섯 장, 봉인 딱지",
    story: "닥나무 섬유가 비치는 종이에 줄을 옅게 눌렀습니다. 만년필 잉크가 번지지 않습니다.",
    facts: { 크기: "편지지 148 × 210mm", 종이: "닥종이 90g", 구성: "편지지 10, 봉투 5, 딱지 5" },
  },
];

/** The goods with this id, if the shop has them. */
export function findGoods(id: string): Goods | undefined {
  return catalogue.find((goods) => goods.id === id);
}
