/** The goods and the nodes of the sample shop: invented. */
export interface SampleSku {
  code: string;
  title: string;
  weight: string;
  sizeCm: readonly [number, number, number];
  temperature: '常温' | '冷藏' | '冷冻';
  priceMinor: number;
}

export interface SampleNode {
  code: string;
  name: string;
  kind: '自营仓' | '门店' | '第三方仓';
  province: string;
  city: string;
  latitude: number;
  longitude: number;
  dailyCapacity: number;
  /** The temperature classes it stores, joined by a slash. */
  temperatures: string;
  heavyCargo: boolean;
  cutOff: string;
  fallback: string;
  handlingMinor: number;
}

const COLOURS = [
  ['BLK', '黑色'],
  ['GRY', '灰色'],
  ['NVY', '藏青'],
] as const;
const SIZES = ['M', 'L', 'S', 'XL'] as const;

/** Three garments × colours × sizes; the first is the hoodie every tour begins with: HOODIE-BLK-M. */
const GARMENTS = [
  { code: 'HOODIE', title: '连帽卫衣', weight: '650g', sizeCm: [32, 26, 6], priceMinor: 29_900 },
  { code: 'TEE', title: '纯棉T恤', weight: '0.21kg', sizeCm: [28, 22, 2], priceMinor: 8_900 },
  { code: 'PARKA', title: '羽绒大衣', weight: '1.4公斤', sizeCm: [60, 45, 25], priceMinor: 129_900 },
] as const;

const OTHERS: readonly [
  string,
  string,
  string,
  readonly [number, number, number],
  SampleSku['temperature'],
  number,
][] = [
  ['PILLOW-MEM', '记忆棉枕头', '900g', [60, 40, 14], '常温', 15_900],
  ['LAMP-FLOOR', '落地灯', '4.5kg', [120, 30, 30], '常温', 39_900],
  ['MUG-TRAVEL', '保温杯 480ml', '380g', [26, 8, 8], '常温', 12_800],
  ['TEA-LONGJ', '龙井茶 250g', '300g', [18, 12, 8], '常温', 26_800],
  ['COFFEE-BEAN', '云南咖啡豆 454g', '480g', [24, 12, 8], '常温', 9_800],
  ['DUMPLING-PK', '猪肉白菜水饺 1kg', '1.05kg', [30, 22, 6], '冷冻', 4_590],
  ['SHRIMP-1KG', '青虾仁 1kg', '2.1斤', [28, 20, 6], '冷冻', 12_990],
  ['YOGURT-12', '酸奶 12杯', '1.8kg', [34, 26, 10], '冷藏', 6_990],
  ['CHERRY-2KG', '车厘子 2kg', '2.2kg', [30, 22, 16], '冷藏', 19_900],
  ['SALMON-500', '三文鱼 500g', '0.6kg', [26, 18, 5], '冷藏', 13_800],
  ['CATFOOD-2KG', '猫粮 2kg', '2.05kg', [34, 20, 10], '常温', 13_900],
  ['CATSAND-6L', '豆腐猫砂 6L', '2.6kg', [36, 22, 12], '常温', 3_990],
  ['DOGBED-L', '宠物窝 L', '1.6kg', [70, 60, 22], '常温', 16_900],
  ['YOGAMAT', '瑜伽垫', '1.1kg', [62, 14, 14], '常温', 11_900],
  ['BOTTLE-ALU', '铝合金水壶', '160g', [24, 7, 7], '常温', 5_900],
  ['SOCKS-5', '中筒袜 5双', '200g', [20, 14, 5], '常温', 4_900],
  ['SCARF-WOOL', '羊毛围巾', '240g', [26, 22, 4], '常温', 18_900],
  ['CAP-BASE', '棒球帽', '110g', [28, 20, 12], '常温', 7_900],
  ['BAG-TOTE', '帆布包', '320g', [40, 36, 3], '常温', 6_900],
  ['SHOE-RUN-42', '跑鞋 42码', '760g', [34, 22, 13], '常温', 45_900],
  ['SHOE-RUN-43', '跑鞋 43码', '780g', [34, 22, 13], '常温', 45_900],
  ['PHONECASE', '手机壳', '45g', [18, 10, 2], '常温', 3_900],
  ['CHARGER-65', '65W充电器', '130g', [10, 7, 4], '常温', 12_900],
  ['UMBRELLA', '折叠伞', '350g', [28, 6, 6], '常温', 6_900],
];

export const SAMPLE_SKUS: readonly SampleSku[] = [
  ...GARMENTS.flatMap((garment) =>
    COLOURS.flatMap(([colourCode, colour]) =>
      SIZES.map((size) => ({
        code: `${garment.code}-${colourCode}-${size}`,
        title: `${garment.title} ${colour} ${size}码`,
        weight: garment.weight,
        sizeCm: garment.sizeCm,
        temperature: '常温' as const,
        priceMinor: garment.priceMinor,
      })),
    ),
  ),
  ...OTHERS.map(([code, title, weight, sizeCm, temperature, priceMinor]) => ({
    code,
    title,
    weight,
    sizeCm,
    temperature,
    priceMinor,
  })),
];

const ALL_TEMPERATURES = '常温/冷藏/冷冻';

export const SAMPLE_NODES: readonly SampleNode[] = [
  node('WH-SHA', '上海松江仓', '自营仓', '上海', '上海', 31.0322, 121.2277, 1200, {
    temperatures: ALL_TEMPERATURES,
    heavyCargo: true,
    fallback: 'WH-HGH',
  }),
  node('WH-HGH', '杭州余杭仓', '自营仓', '浙江', '杭州', 30.4213, 120.2994, 900, { fallback: 'WH-SHA' }),
  node('WH-CAN', '广州白云仓', '自营仓', '广东', '广州', 23.1579, 113.2732, 1000, {
    temperatures: ALL_TEMPERATURES,
    heavyCargo: true,
    fallback: '3PL-WUH',
  }),
  node('WH-CTU', '成都青白江冷链仓', '自营仓', '四川', '成都', 30.8786, 104.2509, 600, {
    temperatures: ALL_TEMPERATURES,
    fallback: '3PL-WUH',
  }),
  node('WH-PEK', '北京顺义仓', '自营仓', '北京', '北京', 40.1301, 116.6542, 800, {
    temperatures: ALL_TEMPERATURES,
    fallback: 'WH-SHA',
  }),
  node('ST-SHA-JA', '上海静安店', '门店', '上海', '上海', 31.2297, 121.4483, 60, {
    temperatures: ALL_TEMPERATURES,
    cutOff: '20:00',
    handlingMinor: 350,
    fallback: 'WH-SHA',
  }),
  node('ST-HGH-XH', '杭州西湖店', '门店', '浙江', '杭州', 30.2592, 120.1303, 50, {
    temperatures: ALL_TEMPERATURES,
    cutOff: '20:00',
    handlingMinor: 350,
    fallback: 'WH-SHA',
  }),
  node('ST-CAN-TH', '广州天河店', '门店', '广东', '广州', 23.1247, 113.3612, 60, {
    temperatures: ALL_TEMPERATURES,
    cutOff: '20:00',
    handlingMinor: 350,
    fallback: 'WH-CAN',
  }),
  node('ST-CTU-JJ', '成都锦江店', '门店', '四川', '成都', 30.6574, 104.0822, 40, {
    temperatures: ALL_TEMPERATURES,
    cutOff: '20:00',
    handlingMinor: 350,
    fallback: 'WH-CTU',
  }),
  node('3PL-WUH', '武汉东西湖云仓', '第三方仓', '湖北', '武汉', 30.6199, 114.137, 2000, {
    heavyCargo: true,
    handlingMinor: 150,
    fallback: 'WH-SHA',
  }),
];

function node(
  code: string,
  name: string,
  kind: SampleNode['kind'],
  province: string,
  city: string,
  latitude: number,
  longitude: number,
  dailyCapacity: number,
  more: Partial<SampleNode> & { fallback: string },
): SampleNode {
  const usual = { temperatures: '常温', heavyCargo: false, cutOff: '16:00', handlingMinor: 200 };
  return { code, name, kind, province, city, latitude, longitude, dailyCapacity, ...usual, ...more };
}
