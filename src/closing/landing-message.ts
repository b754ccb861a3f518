/** The message of a landing commit; its trailers are what `nimrod verify` holds the evidence against. */
export function landingMessage(options: {
  ticket: string;
  title: string;
  summary: string;
  evidence: string;
}): string {
  const subject = `${options.ticket}: ${options.title}`.replaceAll(/\s+/g, " ").slice(0, 100);
  const body = options.summary.replaceAll(/\s+/g, " ").trim();
  return `${subject}\n\n${body}\n\nNimrod-Ticket: ${options.ticket}\nNimrod-Evidence: ${options.evidence}\n`;
}
