/**
 * A text as one cell of CSV (RFC 4180). One that a spreadsheet would take for a formula gets an apostrophe in front.
 */
export function csvCell(text: string): string {
  const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
