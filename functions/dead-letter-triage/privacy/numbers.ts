/** True when the digits of a payment card add up (ISO/IEC 7812-1, Luhn); 13 to 19 digits, whatever stands between them. */
export function isCard(text: string): boolean {
  const digits = digitsOf(text);
  if (digits.length < 13 || digits.length > 19) return false;
  let sum = 0;
  for (let index = 0; index < digits.length; index += 1) {
    const digit = digits.charCodeAt(digits.length - 1 - index) - 0x30;
    const doubled = index % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  // A row of one digit adds up by accident, and is nobody's card.
  return sum % 10 === 0 && new Set(digits).size > 1;
}

/** True when the check digits of an account number are right (ISO 13616, modulo 97). */
export function isIban(text: string): boolean {
  const plain = text.replaceAll(' ', '').toUpperCase();
  if (plain.length < 15 || plain.length > 34) return false;
  let rest = 0;
  for (const character of plain.slice(4) + plain.slice(0, 4)) {
    const value = Number.parseInt(character, 36);
    if (Number.isNaN(value)) return false;
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  return rest === 1;
}

/** True for what people dial: with a country code, or beginning with 0 and written in groups, or in the American way. */
export function isPhone(text: string): boolean {
  const digits = digitsOf(text);
  if (digits.length < 8 || digits.length > 15) return false;
  if (text.startsWith('+')) return true;
  const isGrouped = digits.length < text.length;
  return (
    isGrouped &&
    (/^\(?0/.test(text) || /^\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}$/.test(text)) &&
    !/^\d{1,3}(?:\.\d{1,3}){3}$/.test(text)
  );
}

function digitsOf(text: string): string {
  return text.replaceAll(/\D/g, '');
}
