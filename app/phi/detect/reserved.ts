/** Addresses and numbers that are nobody's: set aside for examples by those who hand them out. */

/** RFC 2606 and RFC 6761, and what never leaves a machine. */
export function isReservedHost(host: string): boolean {
  return /(?:^|\.)(?:example\.(?:com|net|org)|example|invalid|test|localhost)$/i.test(host) || isReservedIp(host);
}

export function isReservedEmail(address: string): boolean {
  return isReservedHost(address.slice(address.lastIndexOf("@") + 1));
}

/** 555-0100 to 555-0199 in any area code of North America (NANPA), and Ofcom's numbers for drama. `digits`: without signs, with or without the country code. */
export function isReservedPhone(digits: string): boolean {
  return /^1?\d{3}55501\d\d$/.test(digits) || /^447700900\d{3}$/.test(digits);
}

/** RFC 5737, RFC 3849, loopback and "this host". */
export function isReservedIp(address: string): boolean {
  return /^(?:192\.0\.2|198\.51\.100|203\.0\.113)\.\d{1,3}$|^127\.|^0\.0\.0\.0$|^2001:0?db8:|^::1?$/i.test(address);
}

/** Never issued by the Social Security Administration (20 CFR 422.103 and its randomization of 2011): areas 000, 666 and 900 to 999, group 00, serial 0000. */
export function isReservedSsn(digits: string): boolean {
  return /^(?:000|666|9\d\d)|^\d{3}00|0000$/.test(digits);
}
