import { createHash } from 'node:crypto';

/** Upper-case hex of MD5 over param, key and customer (api.kuaidi100.com/document/5f0ffb5ebc8da837cbd8aefc). */
export function querySign(param: string, key: string, customer: string): string {
  return createHash('md5').update(`${param}${key}${customer}`).digest('hex').toUpperCase();
}
