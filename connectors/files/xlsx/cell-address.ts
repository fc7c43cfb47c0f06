const A = 65;

/** The column of an address, from 0: 2 for `C7`. Undefined when it has no letters. */
export function columnOf(address: string): number | undefined {
  let column = 0;
  for (let index = 0; index < address.length; index += 1) {
    const letter = (address.charCodeAt(index) & ~32) - A;
    if (letter < 0 || letter > 25) break;
    column = column * 26 + letter + 1;
  }
  return column === 0 ? undefined : column - 1;
}

/** The row of an address, from 1: 7 for `C7`. Undefined when it has no number. */
export function rowOf(address: string): number | undefined {
  const row = Number(/\d+$/.exec(address)?.[0]);
  return Number.isSafeInteger(row) && row > 0 ? row : undefined;
}
