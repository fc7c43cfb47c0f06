const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Whether a text has the form of our ids. Anything else cannot exist, and must not reach a uuid column. */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}
