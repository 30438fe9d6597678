/**
 * A text without what stands in quotes: a provider quotes what the caller wrote, and nobody may have an account benched by
 * writing "credit balance is too low" into a field.
 */
export const unquoted = (text: string): string =>
  text.replace(/`[^`]*`|"[^"]*"|(?<=^|[\s:=([{,])'[^']*'(?=$|[\s:=)\]},.;])/g, ' ');
