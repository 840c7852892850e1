/** The approval is under way, perhaps in another window. */
export function Working() {
  return (
    <div className="ending-head" role="status">
      <span className="spinner" aria-hidden="true" />
      <h1>결제하고 있습니다</h1>
      <p>결제사의 승인을 기다리고 있습니다. 끝나면 이 화면이 저절로 바뀝니다. 다시 결제하지 마세요.</p>
    </div>
  );
}
