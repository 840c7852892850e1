import { useCallback, useEffect, useRef, useState } from "react";
import type { AfterPayment } from "./send-payment.ts";

type Again = Extract<AfterPayment, { next: "again" }>;

/** Allows one payment attempt at a time, with the message that it may be repeated. */
export function useAttempt(onBusy: (busy: boolean) => void) {
  const noticeRef = useRef<HTMLDivElement>(null);
  // A ref, not state: two clicks may arrive before React has rendered the disabled button.
  const underWay = useRef(false);
  const [isBusy, setIsBusy] = useState(false);
  const [again, setAgain] = useState<Again>();
  useEffect(() => {
    if (again !== undefined) noticeRef.current?.focus();
  }, [again]);
  const begin = (): void => {
    underWay.current = true;
    setAgain(undefined);
    setIsBusy(true);
    onBusy(true);
  };
  const end = useCallback(
    (after?: Again): void => {
      underWay.current = false;
      setIsBusy(false);
      onBusy(false);
      setAgain(after);
    },
    [onBusy],
  );
  return { noticeRef, underWay, isBusy, again, begin, end };
}

export function AgainNotice({
  attempt: { noticeRef, again },
  note,
}: {
  attempt: ReturnType<typeof useAttempt>;
  note?: string;
}) {
  return (
    <div ref={noticeRef} role="alert" tabIndex={-1}>
      {again !== undefined && (
        <div className={`notice notice-${again.tone}`}>
          <h2>{again.title}</h2>
          {again.lines.map((line) => (
            <p key={line}>{line}</p>
          ))}
          {note && <p className="small">{note}</p>}
        </div>
      )}
    </div>
  );
}
