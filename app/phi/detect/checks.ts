/** Check digits of numbers that people are known by: what tells an account number from any other row of digits. */

/** ISO/IEC 7812-1: payment cards, and NPI with the prefix 80840. */
export function luhn(digits: string): boolean {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = Number(digits[digits.length - 1 - i]);
    const doubled = i % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

/** National Provider Identifier (45 CFR 162.406). */
export function isNpi(digits: string): boolean {
  return /^[12]\d{9}$/.test(digits) && luhn(`80840${digits}`);
}

/** A payment card's number: of a length and a beginning that are issued, with a good check digit. */
export function isCard(digits: string): boolean {
  return /^(?:4\d{12}(?:\d{3})?|5[1-5]\d{14}|2[2-7]\d{14}|3[47]\d{13}|6\d{15,18}|3[0689]\d{12})$/.test(digits) && luhn(digits);
}

/** ISO 13616: IBAN. */
export function isIban(text: string): boolean {
  const iban = text.replaceAll(" ", "").toUpperCase();
  if (!/^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$/.test(iban)) return false;
  const moved = iban.slice(4) + iban.slice(0, 4);
  let rest = 0;
  for (const character of moved) {
    const value = parseInt(character, 36);
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  return rest === 1;
}

/** DEA registration number (21 CFR 1301): two letters, six digits, a check digit. */
export function isDea(text: string): boolean {
  if (!/^[A-Z][A-Z9]\d{7}$/.test(text)) return false;
  const d = [...text.slice(2)].map(Number);
  return ((d[0]! + d[2]! + d[4]! + 2 * (d[1]! + d[3]! + d[5]!)) % 10) === d[6];
}

const VIN_VALUES = new Map([..."ABCDEFGH"].map((c, i) => [c, i + 1] as const).concat([..."JKLMN"].map((c, i) => [c, i + 1] as const), [["P", 7], ["R", 9]], [..."STUVWXYZ"].map((c, i) => [c, i + 2] as const)));
const VIN_WEIGHTS = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];

/** Vehicle identification number (49 CFR 565): 17 characters, the ninth of them checks the others. */
export function isVin(text: string): boolean {
  if (!/^[A-HJ-NPR-Z0-9]{17}$/.test(text) || /^(\w)\1+$/.test(text)) return false;
  const sum = [...text].reduce((total, c, i) => total + (VIN_VALUES.get(c) ?? Number(c)) * VIN_WEIGHTS[i]!, 0) % 11;
  return text[8] === (sum === 10 ? "X" : String(sum));
}

/** Medicare Beneficiary Identifier, without its dashes (CMS, "Understanding the MBI": position by position). */
export function isMbi(text: string): boolean {
  return /^[1-9][AC-HJKMNP-RT-Y][AC-HJKMNP-RT-Y0-9]\d[AC-HJKMNP-RT-Y][AC-HJKMNP-RT-Y0-9]\d[AC-HJKMNP-RT-Y]{2}\d{2}$/.test(text);
}
