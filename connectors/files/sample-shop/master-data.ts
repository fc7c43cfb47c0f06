import { SAMPLE_NODES, SAMPLE_SKUS } from './catalog.ts';
import { shanghai } from './clock.ts';
import type { Random } from './prng.ts';
import { csvSink } from './sinks.ts';
import type { BrokenRow } from './manifest.ts';

interface Target {
  folder: string;
  anchorMs: number;
  random: Random;
  broken: BrokenRow[];
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** The tour sells the first SKU: it must not run out in the middle. */
const HEALTHY_STOCK = 240;

export async function writeSkus({ folder, broken }: Target): Promise<number> {
  const header = ['商品编码', '商品名称', '重量', '长', '宽', '高', '温层'];
  const sink = csvSink(folder, 'skus.csv', header, 'utf8', broken);
  for (const { code, title, weight, sizeCm, temperature } of SAMPLE_SKUS) {
    await sink.write([code, title, weight, ...sizeCm.map((cm) => `${cm}cm`), temperature]);
  }
  await sink.writeBroken(['', '忘记编码的商品', '300g', '10cm', '10cm', '5cm', '常温'], 'missing SKU code');
  await sink.writeBroken(
    ['ODD-TEMP', '温层写错的商品', '300g', '10cm', '10cm', '5cm', '微冻'],
    'unknown temperature',
  );
  await sink.writeBroken(['ODD-SHORT', '少了几列'], 'short row');
  await sink.close();
  return SAMPLE_SKUS.length;
}

export async function writeNodes({ folder, broken }: Target): Promise<number> {
  const header = [
    '节点编码',
    '节点名称',
    '类型',
    '省份',
    '城市',
    '纬度',
    '经度',
    '日处理单量',
    '温层',
    '自提',
    '大件',
    '截单时间',
    '备用仓',
    '操作费',
  ];
  const sink = csvSink(folder, 'nodes.csv', header, 'utf8', broken);
  for (const node of SAMPLE_NODES) {
    const { code, name, kind, province, city, latitude, longitude, dailyCapacity } = node;
    await sink.write([
      code,
      name,
      kind,
      province,
      city,
      latitude,
      longitude,
      `${dailyCapacity}单`,
      node.temperatures,
      kind === '门店' ? '是' : '否',
      node.heavyCargo ? '是' : '否',
      node.cutOff,
      node.fallback,
      `${(node.handlingMinor / 100).toFixed(2)}元`,
    ]);
  }
  await sink.writeBroken(
    ['WH-X', '类型写错的仓', '保税仓', '浙江', '宁波', 29.87, 121.54, '100单', ...PLAIN],
    'unknown kind',
  );
  await sink.writeBroken(
    ['WH-Y', '纬度写错的仓', '自营仓', '浙江', '宁波', 299.87, 121.54, '100单', ...PLAIN],
    'latitude over 90',
  );
  await sink.writeBroken(
    ['WH-Z', '截单写错的仓', '自营仓', '浙江', '宁波', 29.87, 121.54, '100单', ...PLAIN.with(3, '下午四点')],
    'cut-off is no time',
  );
  await sink.close();
  return SAMPLE_NODES.length;
}

const PLAIN = ['常温', '否', '否', '16:00', 'WH-SHA', '2.00元'];

/** A count of each SKU at each node that can store it. */
export async function writeStockLevels({ folder, anchorMs, random, broken }: Target): Promise<number> {
  const header = ['商品编码', '仓库编码', '在库数量', '盘点时间'];
  const sink = csvSink(folder, 'stock-levels.csv', header, 'utf8-bom', broken);
  let levels = 0;
  for (const [s, sku] of SAMPLE_SKUS.entries()) {
    for (const node of SAMPLE_NODES) {
      if (!node.temperatures.includes(sku.temperature)) continue;
      const countedAt = shanghai(anchorMs - random.integer(1, 20) * HOUR_MS).slashed;
      const onHand = s === 0 ? HEALTHY_STOCK : random.integer(4, node.kind === '门店' ? 14 : 90);
      const row = [sku.code, node.code, `${onHand}`, countedAt];
      await sink.write(row);
      if (random.chance(0.01)) await sink.write(row);
      levels += 1;
    }
  }
  const now = shanghai(anchorMs).slashed;
  await sink.writeBroken(['MUG-TRAVEL', 'WH-SHA', '-3', now], 'negative quantity');
  await sink.writeBroken(['', 'WH-SHA', '12', now], 'missing SKU');
  await sink.writeBroken(['MUG-TRAVEL', 'WH-SHA', '若干', now], 'quantity is not a number');
  await sink.close();
  return levels;
}

export async function writeInbound({ folder, anchorMs, random, broken }: Target): Promise<number> {
  const header = ['采购单号', '行号', '商品编码', '收货仓', '在途数量', '预计到货'];
  const sink = csvSink(folder, 'inbound-purchase-orders.csv', header, 'utf8', broken);
  const warehouses = SAMPLE_NODES.filter((node) => node.kind !== '门店');
  const purchases = 24;
  for (let index = 0; index < purchases; index += 1) {
    const sku = SAMPLE_SKUS[index === 0 ? 0 : random.integer(0, SAMPLE_SKUS.length - 1)]!;
    const expected = shanghai(anchorMs + random.integer(2, 25) * DAY_MS);
    const notation = random.pick([expected.day, expected.chineseDay, expected.day.replaceAll('-', '')]);
    const id = `PO-${String(index + 1).padStart(5, '0')}`;
    await sink.write([
      id,
      1,
      sku.code,
      random.pick(warehouses).code,
      `${random.integer(2, 40) * 10}件`,
      notation,
    ]);
  }
  await sink.writeBroken(['PO-90001', 1, 'MUG-TRAVEL', 'WH-SHA', '50件', '下周三'], 'unparsable date');
  await sink.writeBroken(['PO-90002', 1, 'MUG-TRAVEL', 'WH-SHA', '-50件', '2026-12-01'], 'negative quantity');
  await sink.close();
  return purchases;
}
