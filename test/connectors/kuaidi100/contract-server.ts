import { createHash } from 'node:crypto';
import type { AskedBed } from '../../../connectors/spi/conformance/index.ts';
import {
  ContractHttp,
  type ContractAnswer,
  type ContractCall,
} from '../../support/connectors/contract-http.ts';

/**
 * Behaves as api.kuaidi100.com/document/5f0ffb5ebc8da837cbd8aefc says ("实时快递查询接口"); a comment names the sentence. The
 * numbers of errors are those that public programs list from the same page.
 */

const CUSTOMER = 'CUSTOMER0123456789';
const KEY = 'kuaidi-key-0123456789';

export interface Kuaidi100Step {
  ftime: string;
  context: string;
  statusCode?: string;
  areaName?: string;
}

export interface Kuaidi100Bed extends AskedBed {
  /** By number: what is known of it, in its order. */
  parcels: NonNullable<AskedBed['parcels']>;
  tracks: Map<string, { com: string; steps: Kuaidi100Step[]; state: string; phone?: string }>;
  calls: readonly ContractCall[];
}

export async function startKuaidi100(): Promise<Kuaidi100Bed> {
  const tracks: Kuaidi100Bed['tracks'] = new Map();
  const refusal = (returnCode: string, message: string): ContractAnswer => ({
    body: { result: false, returnCode, message },
  });
  const http = new ContractHttp(answer, {
    THROTTLED: () => refusal('502', '服务器繁忙'),
    REFUSED: () => refusal('503', '验证签名失败'),
  });
  const url = await http.start();

  function answer({ path, headers, body }: ContractCall): ContractAnswer {
    // "POST https://poll.kuaidi100.com/poll/query.do, application/x-www-form-urlencoded"
    if (path !== '/poll/query.do') return { status: 404, body: '' };
    if (!headers['content-type']?.startsWith('application/x-www-form-urlencoded'))
      return refusal('400', '提交数据不完整');
    const form = new URLSearchParams(body);
    const param = form.get('param') ?? '';
    // "MD5 over param + key + customer, in upper case"
    const sign = createHash('md5').update(`${param}${KEY}${CUSTOMER}`).digest('hex').toUpperCase();
    if (form.get('customer') !== CUSTOMER || form.get('sign') !== sign) return refusal('503', '验证签名失败');
    return query(JSON.parse(param) as Record<string, string | undefined>);
  }

  function query({ com = '', num = '', phone, resultv2, order }: Record<string, string | undefined>) {
    // "the code of the carrier, always in small letters"
    if (!/^[a-z0-9]+$/.test(com)) return refusal('400', '找不到对应公司');
    // "at least 6 characters, at most 32"
    if (num.length < 6 || num.length > 32) return refusal('400', '提交数据不完整');
    const track = tracks.get(num);
    if (track?.com !== com) return refusal('500', '查询无结果，请隔段时间再查');
    // "phone: must be given for SF and ZTO"
    if (track.phone !== undefined && track.phone !== phone)
      return refusal('408', '快递公司参数异常：验证码错误');
    // "resultv2 4: each step has its status code"; "order: desc is the default"
    const steps = track.steps.map(({ statusCode, ...step }) => ({
      ...step,
      time: step.ftime,
      ...(resultv2 === '4' && statusCode !== undefined && { statusCode }),
    }));
    const data = order === 'asc' ? steps : steps.toReversed();
    return { body: { message: 'ok', nu: num, com, status: '200', state: track.state, ischeck: '0', data } };
  }

  const known = { carrier: 'SF-STD', trackingNumber: 'SF1234567890123' };
  tracks.set(known.trackingNumber, {
    com: 'shunfeng',
    state: '0',
    steps: [
      { ftime: '2026-11-25 10:00:00', context: '已揽收', statusCode: '103' },
      { ftime: '2026-11-25 22:30:00', context: '到达杭州', statusCode: '1002' },
    ],
  });
  return {
    config: {
      url,
      customer: CUSTOMER,
      key: KEY,
      carriers: { 'SF-STD': 'shunfeng', 'YTO-STD': 'yuantong' },
    },
    secrets: [KEY],
    parcels: { known, unknown: { carrier: 'SF-STD', trackingNumber: 'SF0000000000000' } },
    tracks,
    calls: http.calls,
    fail: (fault, after) => http.fail(fault, after),
    heal: () => http.heal(),
    stop: () => http.stop(),
  };
}
