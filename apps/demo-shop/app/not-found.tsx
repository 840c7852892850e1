import Link from "next/link";

export default function NotFound() {
  return (
    <div className="ending">
      <div className="ending-head">
        <h1>찾으시는 화면이 없습니다</h1>
        <p>주소가 바뀌었거나, 다른 브라우저에서 하신 주문일 수 있습니다.</p>
        <Link className="button" href="/">
          처음으로
        </Link>
      </div>
    </div>
  );
}
