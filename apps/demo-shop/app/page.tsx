import Link from "next/link";
import { catalogue } from "#shop/catalogue.js";
import { formatWon } from "#shop/korean.js";
import { FrontPicture } from "./_illustrations/front-picture.tsx";
import { GoodsPicture } from "./_illustrations/goods-picture.tsx";

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
        <FrontPicture />
      </section>

      <section aria-labelledby="goods">
        <div className="goods-head">
          <h2 id="goods">이달의 물건</h2>
          <p className="soft small">여덟 가지 · 50,000원부터 무료 배송</p>
        </div>
        <ul className="goods-grid">
          {catalogue.map((goods) => (
            <li key={goods.id} className="goods-card">
              <Link href={`/goods/${goods.id}`}>
                <GoodsPicture id={goods.id} />
                <span className="goods-words">
                  <span className="name">{goods.name}</span>
                  <span className="soft small">{goods.summary}</span>
                  <span className="price number">{formatWon(goods.price)}</span>
                </span>
              </Link>
            </li>
          ))}
        </ul>
      </section>

      <section className="promises" aria-label="온담의 약속">
        <div>
          <h3>깨지지 않게 보냅니다</h3>
          <p className="soft">
            종이 완충재로 두 번 쌉니다. 받으셨을 때 깨져 있으면 사진 한 장으로 다시 보내 드립니다.
          </p>
        </div>
        <div>
          <h3>서른 날 안에 바꿔 드립니다</h3>
          <p className="soft">쓰지 않은 물건은 30일 안에 교환하거나 돌려받으실 수 있습니다.</p>
        </div>
        <div>
          <h3>고쳐서 씁니다</h3>
          <p className="soft">이 나간 그릇은 옻과 금으로 이어 드립니다. 재료비만 받습니다.</p>
        </div>
      </section>
    </>
  );
}
