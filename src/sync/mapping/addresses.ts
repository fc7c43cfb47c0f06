import { plainText } from './plain-text.ts';

const PROVINCES =
  '北京|天津|上海|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|四川|贵州|云南|陕西|' +
  '甘肃|青海|台湾|内蒙古|广西|西藏|宁夏|新疆|香港|澳门';
const SUFFIX = '省|市|(?:壮族|回族|维吾尔)?自治区|特别行政区';
const GAP = String.raw`[\s,]*`;
const ADDRESS = new RegExp(
  `^(?<province>(?:${PROVINCES})(?:${SUFFIX})?)?${GAP}` +
    String.raw`(?<city>[^\s,区县路街号]{1,10}?(?:市|自治州|地区|盟))?${GAP}` +
    String.raw`(?<district>[^\s,路街巷号]{1,8}?(?:新区|区|县|旗|市))?${GAP}(?<street>.*)$`,
);
const MUNICIPALITY = /^(?:北京|天津|上海|重庆)/;

/**
 * One part of a Chinese address in one cell, e.g. "浙江省杭州市西湖区文三路1号": `province` (浙江), `city` (杭州),
 * `district` (西湖区) or `street` (文三路1号). Undefined when the address does not name it. Of 北京, 天津, 上海
 * and 重庆 the city is the province.
 */
export function addressPart(value: unknown, part: string): string | undefined {
  const groups = ADDRESS.exec(plainText(value) ?? '')?.groups ?? {};
  const province = placeName(groups['province']);
  if (part === 'province') return province;
  if (part === 'city')
    return placeName(groups['city']) ?? (MUNICIPALITY.test(province ?? '') ? province : undefined);
  return groups[part] || undefined;
}

/** "杭州市" and "杭州", "浙江省" and "浙江" are one place: the short name, so that rules can compare cities. */
export function placeName(value: unknown): string | undefined {
  const name = plainText(value);
  return name && (new RegExp(`^(.{2,}?)(?:${SUFFIX})$`).exec(name)?.[1] ?? name);
}
