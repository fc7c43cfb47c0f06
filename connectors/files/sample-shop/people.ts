import type { Random } from './prng.ts';

/** The caller of the tour: a returning customer with orders on several channels, an open ticket and a return. */
export const SAMPLE_CALLER_PHONE = '13800138000';
export const SAMPLE_CALLER_NAME = '林晓雨';

/** A number that people type who do not want to give theirs. */
export const FILLER_PHONE = '00000000000';

/** A fictitious person; `phone` is eleven plain digits. */
export interface SamplePerson {
  index: number;
  name: string;
  phone: string;
  email: string;
  province: string;
  city: string;
  district: string;
  street: string;
}

const SURNAMES = [...'王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗'];
const GIVEN =
  '伟 芳 娜 敏 静 强 磊 洋 艳 勇 军 杰 娟 涛 明 超 秀英 桂兰 子涵 雨桐 浩然 欣怡 梓萱 宇轩 思远 佳琪'.split(
    ' ',
  );
const PLACES = [
  ['上海', '上海', ['浦东新区', '静安区', '徐汇区']],
  ['浙江', '杭州', ['西湖区', '余杭区', '滨江区']],
  ['广东', '广州', ['天河区', '白云区', '越秀区']],
  ['四川', '成都', ['锦江区', '武侯区', '青羊区']],
  ['北京', '北京', ['朝阳区', '海淀区', '丰台区']],
  ['湖北', '武汉', ['武昌区', '洪山区', '江汉区']],
  ['江苏', '南京', ['鼓楼区', '玄武区', '江宁区']],
  ['陕西', '西安', ['雁塔区', '碑林区', '未央区']],
] as const;
const STREETS = ['示例一路', '示例二路', '样例大街', '测试巷', '演示路'];

/** Numbers under 199-0000: a pattern for invented people, counted up so that no two share one by accident. */
export function samplePeople(count: number, random: Random): SamplePerson[] {
  return Array.from({ length: count }, (_, index) => person(index, random));
}

function person(index: number, random: Random): SamplePerson {
  const [province, city, districts] = random.pick(PLACES);
  const made = {
    index,
    name: random.pick(SURNAMES) + random.pick(GIVEN),
    phone: `199${String(index).padStart(8, '0')}`,
    email: `shopper${index}@example.com`,
    province,
    city,
    district: random.pick(districts),
    street: `${random.pick(STREETS)}${random.integer(1, 399)}号${random.integer(1, 30)}室`,
  };
  return index === 0 ? { ...made, name: SAMPLE_CALLER_NAME, phone: SAMPLE_CALLER_PHONE } : made;
}

/** The notations people and systems write a phone number in. */
export function phoneNotation(phone: string, random: Random): string {
  const [a, b, c] = [phone.slice(0, 3), phone.slice(3, 7), phone.slice(7)];
  switch (random.integer(0, 7)) {
    case 0:
      return `+86 ${a}-${b}-${c}`;
    case 1:
      return `${a} ${b} ${c}`;
    case 2:
      return `0086${phone}`;
    case 3:
      return [...phone].map((digit) => String.fromCodePoint(digit.codePointAt(0)! + 0xfee0)).join('');
    case 4:
      return `${a}-${b}-${c}`;
    default:
      return phone;
  }
}

/** The same address as typed on different days. */
export function emailNotation(email: string, random: Random): string {
  return random.chance(0.3) ? email.replace('shopper', 'Shopper').replace('example', 'Example') : email;
}

/** The part of a name that channels show: "张**". */
export function maskedName(name: string): string {
  return `${[...name][0] ?? ''}**`;
}
