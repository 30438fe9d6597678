/** An amount in billionths of a US dollar. A `bigint`, so that sums of a year stay exact. */
export type NanoUsd = bigint;

const nanoPerUsd = 1_000_000_000n;

/**
 * Writes an amount as a decimal string in US dollars, the form of every API answer.
 *
 * @param amount billionths of a dollar
 * @returns for example `0.00125`; no exponent, no trailing zeros
 */
export function formatUsd(amount: NanoUsd): string {
  const sign = amount < 0n ? '-' : '';
  const absolute = amount < 0n ? -amount : amount;
  const fraction = (absolute % nanoPerUsd).toString().padStart(9, '0').replace(/0+$/, '');
  return `${sign}${absolute / nanoPerUsd}${fraction === '' ? '' : `.${fraction}`}`;
}

/**
 * Reads a decimal string in US dollars.
 *
 * @param text for example `12.5`; at most nine decimal places
 * @returns billionths of a dollar
 * @throws RangeError when the text is no plain decimal number or has more than nine decimal places
 */
export function parseUsd(text: string): NanoUsd {
  const match = /^(-?)(\d{1,15})(?:\.(\d{1,9}))?$/.exec(text);
  if (match === null) throw new RangeError(`not an amount in US dollars with at most 9 decimals: "${text}"`);
  const [, sign, whole = '0', fraction = ''] = match;
  const amount = BigInt(whole) * nanoPerUsd + BigInt(fraction.padEnd(9, '0'));
  return sign === '-' ? -amount : amount;
}
