import type { Log, LogFields } from "./log.js";

/** The log of one request: its entries name what the request is about. */
export interface RequestLog<Code extends string> extends Log<Code> {
  /** Adds fields to every later entry. */
  about(fields: LogFields): void;
  /** Whether an entry was written. */
  isWritten(): boolean;
}

export function requestLog<Code extends string>(log: Log<Code>): RequestLog<Code> {
  let subject: LogFields = {};
  let isWritten = false;
  return {
    write(code, fields) {
      isWritten = true;
      log.write(code, { ...subject, ...fields });
    },
    about(fields) {
      subject = { ...subject, ...fields };
    },
    isWritten: () => isWritten,
  };
}
