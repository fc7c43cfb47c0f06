import { shanghai } from './clock.ts';
import { maskedName, phoneNotation } from './people.ts';
import type { SampleChannel, SampleOrder, SampleState } from './orders.ts';
import type { Random } from './prng.ts';
import type { Cell } from './sinks.ts';

type Row = Cell[];

/** How one platform writes its orders: headers, status words, and a row for each line. */
export interface OrderSheet {
  file: string;
  header: readonly string[];
  rows(order: SampleOrder, random: Random): Row[];
  /** Columns by number, for breaking a row on purpose. */
  columns: { state: number; quantity: number; sku: number; placedAt: number };
}

const yuan = (minor: number) => (minor / 100).toFixed(2);
const grouped = (minor: number) => `¥${yuan(minor).replaceAll(/\B(?=(\d{3})+\.)/g, ',')}`;

const DOUYIN_STATES: Record<SampleState, string> = {
  PLACED: '待支付',
  PAID: '待发货',
  SHIPPED: '已发货',
  DELIVERED: '已完成',
  CANCELLED: '已关闭',
};
const JD_STATES: Record<SampleState, string> = {
  PLACED: '等待付款',
  PAID: '等待出库',
  SHIPPED: '等待确认收货',
  DELIVERED: '完成',
  CANCELLED: '已取消',
};
const TMALL_STATES: Record<SampleState, string> = {
  PLACED: '等待买家付款',
  PAID: '买家已付款，等待卖家发货',
  SHIPPED: '卖家已发货，等待买家确认',
  DELIVERED: '交易成功',
  CANCELLED: '交易关闭',
};
const STORE_STATES: Record<SampleState, string> = {
  PLACED: '挂单',
  PAID: '待取货',
  SHIPPED: '配送中',
  DELIVERED: '已取货',
  CANCELLED: '已作废',
};

export const ORDER_SHEETS: Record<SampleChannel, OrderSheet> = {
  douyin: {
    file: 'orders-douyin.csv',
    header:
      `主订单编号,子订单编号,选购商品,商家编码,商品数量,商品单价,订单应付金额,收件人,收件人手机号,抖音ID,省,市,区,详细地址,支付方式,订单提交时间,订单状态`.split(
        ',',
      ),
    columns: { state: 16, quantity: 4, sku: 3, placedAt: 15 },
    rows: (order, random) => {
      const { person } = order;
      const phone = phoneNotation(order.phone, random);
      return order.lines.map((line) => [
        // The tab keeps Excel from showing 6.92E+18.
        `\t${order.externalId}`,
        `\t${line.externalId}`,
        line.sku.title,
        line.sku.code,
        line.quantity,
        yuan(line.sku.priceMinor),
        grouped(order.totalMinor),
        maskedName(person.name),
        phone,
        `dy_${person.index}`,
        person.province,
        person.city,
        person.district,
        person.street,
        '在线支付',
        shanghai(order.placedAtMs).slashed,
        DOUYIN_STATES[order.state],
      ]);
    },
  },
  jd: {
    file: 'orders-jd.xlsx',
    header:
      `订单号,商品名称,货号,订购数量,京东价,订单金额,支付方式,下单时间,订单状态,下单帐号,客户姓名,客户地址,联系电话`.split(
        ',',
      ),
    columns: { state: 8, quantity: 3, sku: 2, placedAt: 7 },
    rows: (order, random) => {
      const { person } = order;
      const phone = phoneNotation(order.phone, random);
      const address = `${person.province}${person.city}市${person.district}${person.street}`;
      return order.lines.map((line) => [
        // Twelve digits fit a number cell, and JD's export writes one.
        Number(order.externalId),
        line.sku.title,
        line.sku.code,
        line.quantity,
        line.sku.priceMinor / 100,
        order.totalMinor / 100,
        order.cashOnDelivery ? '货到付款' : '在线支付',
        shanghai(order.placedAtMs).cell,
        JD_STATES[order.state],
        `jd_${person.index}`,
        person.name,
        address,
        phone,
      ]);
    },
  },
  tmall: {
    file: 'orders-tmall.csv',
    header:
      `订单编号,子订单编号,宝贝标题,商家编码,购买数量,宝贝单价,买家实际支付金额,买家会员名,收货人姓名,收货地址,联系手机,订单创建时间,订单状态`.split(
        ',',
      ),
    columns: { state: 12, quantity: 4, sku: 3, placedAt: 11 },
    rows: (order, random) => {
      const { person } = order;
      const phone = phoneNotation(order.phone, random);
      const address = `${person.province} ${person.city}市 ${person.district} ${person.street}`;
      return order.lines.map((line) => [
        `="${order.externalId}"`,
        `="${line.externalId}"`,
        `${line.sku.title}, 包邮`,
        line.sku.code,
        line.quantity,
        `${yuan(line.sku.priceMinor)}元`,
        `${yuan(order.totalMinor)}元`,
        `tb_${person.index}`,
        person.name,
        address,
        phone,
        shanghai(order.placedAtMs).dashed,
        TMALL_STATES[order.state],
      ]);
    },
  },
  store: {
    file: 'orders-store.xlsx',
    header:
      `小票号,行号,门店,商品条码,商品名称,数量,单价,合计,会员姓名,会员手机,提货方式,开单时间,状态`.split(','),
    columns: { state: 12, quantity: 5, sku: 3, placedAt: 11 },
    rows: (order, random) => {
      const { person } = order;
      const phone = phoneNotation(order.phone, random);
      const branch = random.pick(['上海静安店', '杭州西湖店', '广州天河店', '成都锦江店']);
      return order.lines.map((line, index) => [
        order.externalId,
        index + 1,
        branch,
        line.sku.code,
        line.sku.title,
        line.quantity,
        grouped(line.sku.priceMinor),
        grouped(order.totalMinor),
        person.name,
        phone,
        order.state === 'SHIPPED' ? '送货上门' : '到店自提',
        shanghai(order.placedAtMs).chinese,
        STORE_STATES[order.state],
      ]);
    },
  },
};
