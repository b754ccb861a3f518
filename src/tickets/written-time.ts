/** A date, or a date and a time, with or without seconds and zone: what files of several tools have. */
const writtenTime = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(:\d{2}(?:\.\d+)?)?(Z|[+-]\d{2}:\d{2})?)?$/;

/** Whether a text is a time that a ticket may have. */
export function isWrittenTime(text: string): boolean {
  return writtenTime.test(text) && !Number.isNaN(instantOf(text).getTime());
}

/** The instant that it means. Without a zone it is UTC, whatever this machine's zone is; a date is its midnight. */
export function instantOf(text: string): Date {
  const [, date, time = "00:00", seconds = ":00", zone = "Z"] = writtenTime.exec(text) ?? [];
  return new Date(`${date}T${time}${seconds}${zone}`);
}
