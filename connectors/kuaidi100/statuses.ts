import type { TrackingEvent } from '../spi/index.ts';

type Status = TrackingEvent['status'];

/** Kuaidi100's codes of states; those of three and four digits stand for a kind of the state that they begin with. */
const STATUSES: Readonly<Record<string, Status>> = {
  '101': 'INFO_RECEIVED', // 已下单 ordered
  '102': 'INFO_RECEIVED', // 待揽收 to be collected
  '1': 'IN_TRANSIT', // 揽收 collected
  '103': 'IN_TRANSIT', // 已揽收
  '0': 'IN_TRANSIT', // 在途 on the way
  '1001': 'IN_TRANSIT', // 到达派件城市 in the city of delivery
  '1002': 'IN_TRANSIT', // 干线 line haul
  '1003': 'IN_TRANSIT', // 转递 to a new address
  '7': 'IN_TRANSIT', // 转投 handed to another carrier
  '8': 'IN_TRANSIT', // 清关 customs
  '10': 'IN_TRANSIT', // 待清关
  '11': 'IN_TRANSIT', // 清关中
  '12': 'IN_TRANSIT', // 已清关
  '5': 'OUT_FOR_DELIVERY', // 派件
  '501': 'OUT_FOR_DELIVERY', // 投柜或驿站 in a locker or a shop
  '3': 'DELIVERED', // 签收 signed for
  '301': 'DELIVERED', // 本人签收
  '302': 'DELIVERED', // 派件异常后签收
  '303': 'DELIVERED', // 代签
  '304': 'DELIVERED', // 投柜或站签收 fetched from there
  '6': 'RETURNED', // 退回 on its way back
  '4': 'RETURNED', // 退签 back at the sender
  '401': 'EXCEPTION', // 已销单 cancelled
  '14': 'EXCEPTION', // 拒签 refused
  '13': 'EXCEPTION', // 清关异常
  '2': 'EXCEPTION', // 疑难
  '201': 'EXCEPTION', // 超时未签收
  '202': 'EXCEPTION', // 超时未更新
  '203': 'EXCEPTION', // 拒收
  '204': 'EXCEPTION', // 派件异常
  '205': 'EXCEPTION', // 柜或驿站超时未取
  '206': 'EXCEPTION', // 无法联系
  '207': 'EXCEPTION', // 超区
  '208': 'EXCEPTION', // 滞留
  '209': 'EXCEPTION', // 破损
  '210': 'EXCEPTION', // 销单
};

/** A code that is not known is a step on the way: the text says what it is. */
export function statusOf(code: string | undefined): Status {
  return STATUSES[code ?? ''] ?? 'IN_TRANSIT';
}
