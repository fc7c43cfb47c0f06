import { refuseKey } from './key-store.ts';
import { isRefusalStatus } from './refusal.ts';

const bearer = (key: string) => `Bearer ${key}`;

/** fetch with the key in the header; a 401 makes the page ask for another one. */
export function authorizedFetch(key: string): typeof fetch {
  return async (input, init) => {
    const headers = new Headers(init?.headers);
    headers.set('authorization', bearer(key));
    const response = await fetch(input, { ...init, headers });
    if (isRefusalStatus(response.status)) refuseKey(key);
    return response;
  };
}
