import { EndingHead, LinkButton } from "./_parts/ui.tsx";

export default function NotFound() {
  return (
    <div className="ending">
      <EndingHead
        title="찾으시는 화면이 없습니다"
        text="주소가 바뀌었거나, 다른 브라우저에서 하신 주문일 수 있습니다."
      >
        <LinkButton to="/" text="처음으로" />
      </EndingHead>
    </div>
  );
}
