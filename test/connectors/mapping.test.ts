import { describe, expect, it } from '@jest/globals';
import type { RawRecord, StreamMapping } from '../../connectors/spi/index.ts';
import { compileMapping, mapRecord, MappingError } from '../../src/sync/mapping/index.ts';

const ORDERS: StreamMapping = {
  entity: 'order',
  id: '订单编号',
  groupRows: true,
  fields: {
    channel: "'douyin'",
    externalId: '$id(订单编号)',
    state: '状态',
    placedAt: '$instant(时间)',
    'buyer.phone': '电话',
    currency: "'CNY'",
    totalMinor: '$sum($rows.($money(单价) * $integer(数量)))',
    deliveryMethod: "'DELIVERY'",
  },
  lines: {
    fields: {
      externalId: '$key(订单编号, 编码)',
      sku: '编码',
      quantity: '$integer(数量)',
      unitPriceMinor: '$money(单价)',
    },
  },
  enums: { state: { values: { 待发货: 'PAID', 已发货: 'SHIPPED' } } },
};

describe('mapping an order sheet', () => {
  it('makes one order with its lines of the rows of a group', async () => {
    const result = await map(ORDERS, order(row({}), row({ 编码: 'TEE', 数量: '2件', 单价: '¥1,089.50' })));
    expect(result).toEqual({
      ok: true,
      entity: 'order',
      record: {
        channel: 'douyin',
        externalId: '6920188888000000011',
        state: 'PAID',
        placedAt: '2026-11-03T06:05:00.000Z',
        buyer: { phone: '+86 138-0013-8000' },
        currency: 'CNY',
        totalMinor: 247_800,
        deliveryMethod: 'DELIVERY',
        lines: [
          { externalId: '6920188888000000011-HOODIE', sku: 'HOODIE', quantity: 1, unitPriceMinor: 29_900 },
          { externalId: '6920188888000000011-TEE', sku: 'TEE', quantity: 2, unitPriceMinor: 108_950 },
        ],
      },
    });
  });

  it('counts a row that was exported twice once', async () => {
    const mapping = { ...ORDERS, fields: { ...ORDERS.fields, totalMinor: '$money(单价)' } };
    const result = await map(mapping, order(row({}), row({}), row({ 编码: 'TEE' })));
    expect(result.ok && result.entity === 'order' && result.record.lines.map((line) => line.sku)).toEqual([
      'HOODIE',
      'TEE',
    ]);
  });

  it('names the line, the reason and the row at fault', async () => {
    const result = await map(ORDERS, order(row({}), row({ 编码: 'TEE', 数量: '-1' })), { totalMinor: '1' });
    expect(result).toEqual({
      ok: false,
      reason: 'line 2 quantity: must be >= 1, was -1',
      origin: 'orders.csv row 3',
    });
  });

  it('refuses two lines with one id that differ', async () => {
    const result = await map(ORDERS, order(row({}), row({ 数量: '5' })));
    expect(result).toMatchObject({ ok: false, origin: 'orders.csv row 3' });
    expect(!result.ok && result.reason).toMatch(
      /^line 2 id: "6920188888000000011-HOODIE" is the id of another line/,
    );
  });

  it('sends a word it does not know to dead letters, or to the documented fallback', async () => {
    const unknown = order(row({ 状态: '拆单中' }));
    expect(await map(ORDERS, unknown)).toEqual({
      ok: false,
      reason: 'state: "拆单中" is not a known value (known: 待发货, 已发货)',
      origin: 'orders.csv row 2',
    });
    const enums = { state: { values: { 待发货: 'PAID' }, fallback: 'PLACED' } };
    expect(await map({ ...ORDERS, enums }, unknown)).toMatchObject({ ok: true, record: { state: 'PLACED' } });
    // A blank status is not an unknown word: the fallback does not hide that it is missing.
    expect(await map({ ...ORDERS, enums }, order(row({ 状态: ' ' })))).toMatchObject({
      ok: false,
      reason: 'state: is missing',
    });
  });

  it('tells all that is wrong, each with its field', async () => {
    const result = await map(ORDERS, order(row({ 时间: '昨天', 编码: '', 状态: '?' })), { totalMinor: '0' });
    expect(!result.ok && result.reason).toBe(
      'state: "?" is not a known value (known: 待发货, 已发货); placedAt: cannot read "昨天" as a date',
    );
    const missing = await map(ORDERS, order(row({ 编码: '' })), { totalMinor: '0', placedAt: "'soon'" });
    expect(!missing.ok && missing.reason.split('; ').sort()).toEqual([
      'line 1 externalId: is missing',
      'line 1 sku: is missing',
      'placedAt: must be a date and time with zone, was "soon"',
    ]);
  });

  it('takes lines from a nested list too', async () => {
    const mapping: StreamMapping = {
      entity: 'return',
      fields: {
        externalId: 'no',
        channel: 'from',
        orderExternalId: 'order',
        status: "'REQUESTED'",
        requestedAt: '$instant(at)',
      },
      lines: {
        from: 'items',
        fields: { orderLineExternalId: '$header.order & "-" & $string(line)', quantity: 'qty' },
      },
    };
    const data = { no: 'R1', from: 'jd', order: 'O1', at: 1_793_685_900, items: [{ line: 2, qty: 1 }] };
    const raw = { id: 'R1', origin: 'returns.jsonl line 1', data };
    expect(await map(mapping, raw)).toMatchObject({
      ok: true,
      record: { lines: [{ orderLineExternalId: 'O1-2', quantity: 1 }] },
    });
    expect(await map(mapping, { ...raw, data: { ...data, items: undefined } })).toMatchObject({
      ok: false,
      reason: 'lines: must not be empty',
    });
  });

  it('never throws, whatever the data', async () => {
    const mapping = compileMapping(
      { ...ORDERS, lines: { ...ORDERS.lines, from: '$error("boom")' } },
      'm.json',
    );
    const result = await mapRecord(mapping, {
      id: 'x',
      origin: 'x',
      data: { 订单编号: { odd: [] }, 状态: 7, 时间: [] },
    });
    expect(!result.ok && result.reason).toContain('lines: boom');
  });

  it('stops an expression that never ends', async () => {
    const endless = { totalMinor: '( $f := function($x) { $f($x + 1) + 1 }; $f(0) )' };
    expect(await map(ORDERS, order(row({})), endless)).toMatchObject({ ok: false });
  });
});

describe('mapping customers', () => {
  it('leaves blanks out of lists and objects', async () => {
    const mapping: StreamMapping = {
      entity: 'customer',
      fields: {
        externalId: 'id',
        phones: '$list(p1, p2)',
        channelUsers: "[dy ? {'channel': 'douyin', 'userId': dy}, jd ? {'channel': 'jd', 'userId': jd}]",
        'attributes.尺码': 'size',
        'attributes.pay': 'pay',
      },
    };
    const raw = {
      id: '1',
      origin: 'c.csv row 2',
      data: { id: '1', p1: '138', p2: '', dy: '', jd: 'j1', size: 'M', pay: ' ' },
    };
    expect(await map(mapping, raw)).toMatchObject({
      ok: true,
      record: {
        externalId: '1',
        phones: ['138'],
        emails: [],
        channelUsers: [{ channel: 'jd', userId: 'j1' }],
        attributes: { 尺码: 'M' },
      },
    });
  });
});

describe('a mapping that cannot be used', () => {
  it('names file, field and position of an expression that does not parse', () => {
    const error = withField('totalMinor', '$money(单价');
    expect(error).toMatchObject({ origin: 'mappings/orders.json', field: 'fields.totalMinor', position: 9 });
    expect(error.message).toMatch(/^mappings\/orders\.json: fields\.totalMinor, position 9: Expected "\)"/);
    const inLine = problem({ lines: { fields: { ...ORDERS.lines?.fields, quantity: '数量 +' } } });
    expect(inLine.message).toMatch(/^mappings\/orders\.json: lines\.fields\.quantity, position \d+: /);
  });

  it('names a function or variable that does not exist', () => {
    expect(withField('totalMinor', '$mony(单价)').message).toBe(
      'mappings/orders.json: fields.totalMinor, position 5: there is no function or variable $mony in "$mony(单价)"',
    );
    expect(withField('totalMinor', '$millis()').message).toContain(
      'there is no function or variable $millis',
    );
  });

  it('allows names that the expression makes itself', () => {
    const expression = '( $f := function($x) { $x * 2 }; $map($rows, function($r, $i) { $f($i) }) ~> $sum )';
    expect(() =>
      compileMapping({ ...ORDERS, fields: { ...ORDERS.fields, totalMinor: expression } }, 'm'),
    ).not.toThrow();
  });

  it('names fields and values the entity does not have', () => {
    expect(withField('adress', '省').message).toBe(
      'mappings/orders.json: fields.adress: order has no field adress',
    );
    expect(withField('shipTo.planet', '省').message).toContain('fields.shipTo.planet: ');
    const { state: _, ...rest } = ORDERS.fields;
    expect(problem({ fields: rest, enums: {} }).message).toBe(
      'mappings/orders.json: fields.state: is required',
    );
    expect(problem({ enums: { state: { values: { 待发货: 'PAYED' } } } }).message).toMatch(
      /enums\.state: "PAYED" is not one of PLACED/,
    );
    expect(problem({ enums: { stat: { values: {} } } }).message).toBe(
      'mappings/orders.json: enums.stat: no such field is mapped',
    );
  });

  it('names what is malformed in the document', () => {
    expect(problem({ entity: 'odrer' }).message).toMatch(/^mappings\/orders\.json: entity: .*: sku, node/);
    expect(problem({ feilds: {} }).message).toContain('feilds');
    expect(() => compileMapping('nonsense', 'x.json')).toThrow(MappingError);
  });
});

const row = (change: Record<string, string>) => ({
  订单编号: '6920188888000000011',
  状态: '待发货',
  时间: '2026/11/3 14:05',
  电话: '+86 138-0013-8000',
  编码: 'HOODIE',
  数量: '1',
  单价: '299',
  ...change,
});

function order(...rows: Record<string, string>[]): RawRecord {
  const numbered = rows.map((data, index) => ({ origin: `orders.csv row ${index + 2}`, data }));
  return { id: '6920188888000000011', origin: numbered[0]!.origin, data: rows[0]!, rows: numbered };
}

function map(mapping: StreamMapping, raw: RawRecord, fields: Record<string, string> = {}) {
  return mapRecord(
    compileMapping({ ...mapping, fields: { ...mapping.fields, ...fields } }, 'orders.json'),
    raw,
  );
}

function problem(change: object): MappingError {
  try {
    compileMapping({ ...ORDERS, ...change }, 'mappings/orders.json');
  } catch (error) {
    if (error instanceof MappingError) return error;
  }
  throw new Error('should have been refused with a MappingError');
}

function withField(name: string, expression: string): MappingError {
  return problem({ fields: { ...ORDERS.fields, [name]: expression } });
}
