/** The drawing of one of the goods. */
export function GoodsPicture({ id, name }: { id: string; name: string }) {
  return (
    <span className="picture">
      <img src={`/pictures/${id}.svg`} alt={`${name} 그림`} width={400} height={400} />
    </span>
  );
}
