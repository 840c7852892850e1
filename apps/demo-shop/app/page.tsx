import Link from "next/link";
import { catalogue } from "#shop/catalogue.js";
import { formatWon } from "#shop/korean.js";
import { GoodsPicture } from "./_parts/order-summary.tsx";

const promises = [
  [
    "깨지지 않게 보냅니다",
    "종이 완충재로 두 번 쌉니다. 받으셨을 때 깨져 있으면 사진 한 장으로 다시 보내 드립니다.",
  ],
  ["서른 날 안에 바꿔 드립니다", "쓰지 않은 물건은 30일 안에 교환하거나 돌려받으실 수 있습니다."],
  ["고쳐서 씁니다", "이 나간 그릇은 옻과 금으로 이어 드립니다. 재료비만 받습니다."],
] as const;

export default function FrontPage() {
  return (
    <>
      <section className="hero">
        <div className="hero-words">
          <h1>
            매일 손이 가는
            <br />
            그릇과 문구
          </h1>
          <p>
            여주와 산청, 서울의 작은 공방이 천천히 만듭니다. 오래 두고 쓰는 물건만 골라 한 달에 한 번 가마를
            엽니다.
          </p>
          <p>
            <a className="button" href="#goods">
              물건 보기
            </a>
          </p>
        </div>
        <img
          src="/pictures/front.svg"
          width={720}
          height={520}
          alt="아침 창가에 놓인 달항아리와 찻잔, 노트 그림"
        />
      </section>

      <section aria-labelledby="goods">
        <div className="goods-head">
          <h2 id="goods">이달의 물건</h2>
          <p className="soft small">여덟 가지 · 50,000원부터 무료 배송</p>
        </div>
        <ul className="goods-grid">
          {catalogue.map(({ id, name, summary, price }) => (
            <li key={id} className="goods-card">
              <Link href={`/goods/${id}`}>
                <GoodsPicture id={id} name={name} />
                <span className="goods-words">
                  <span className="name">{name}</span>
                  <span className="soft small">{summary}</span>
                  <span className="price number">{formatWon(price)}</span>
                </span>
              </Link>
            </li>
          ))}
        </ul>
      </section>

      <section className="promises" aria-label="온담의 약속">
        {promises.map(([title, text]) => (
          <div key={title}>
            <h3>{title}</h3>
            <p className="soft">{text}</p>
          </div>
        ))}
      </section>
    </>
  );
}
