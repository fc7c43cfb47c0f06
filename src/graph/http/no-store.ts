/** No cache between may keep an answer. */
export const NO_STORE = 'no-store';
