import { shanghai } from './clock.ts';
import type { BrokenRow } from './manifest.ts';
import { emailNotation, FILLER_PHONE, phoneNotation, type SamplePerson } from './people.ts';
import type { Random } from './prng.ts';
import { csvSink } from './sinks.ts';

const HEADER = '客户编号,姓名,手机,备用手机,邮箱,抖音ID,京东账号,天猫会员名,尺码偏好,付款偏好,更新时间'.split(
  ',',
);
const DAY_MS = 86_400_000;

/** The CRM as it is: GB18030, people entered twice, households with one phone, filler numbers. */
export async function writeCustomers(
  {
    folder,
    anchorMs,
    random,
    broken,
  }: { folder: string; anchorMs: number; random: Random; broken: BrokenRow[] },
  people: readonly SamplePerson[],
): Promise<number> {
  const sink = csvSink(folder, 'crm-customers.csv', HEADER, 'gb18030', broken);
  let customers = 0;
  const write = async (row: string[]) => {
    await sink.write(row);
    customers += 1;
  };
  for (const person of people) {
    const row = customerRow(`C${String(person.index + 1).padStart(6, '0')}`, person, anchorMs, random);
    await write(row);
    // Exported twice: the same id, so the same customer.
    if (person.index % 60 === 7) await sink.write(row);
    // Entered twice by two shop assistants.
    if (person.index % 40 === 0) await write(enteredAgain(person, anchorMs, random));
    if (person.index % 75 === 11) await write(householdMember(person, anchorMs));
    if (person.index % 90 === 13) await write(withoutPhone(person, anchorMs));
  }
  const now = shanghai(anchorMs).slashed;
  await sink.writeBroken(['', '没有编号', '19900000000', '', '', '', '', '', '', '', now], 'missing id');
  await sink.writeBroken(
    ['C900001', '日期错误', '19900000001', '', '', '', '', '', '', '', '去年夏天'],
    'unparsable date',
  );
  await sink.writeBroken(['C900002', '少列', '19900000002'], 'short row');
  await sink.close();
  return customers;
}

function customerRow(id: string, person: SamplePerson, anchorMs: number, random: Random): string[] {
  const updated = shanghai(anchorMs - random.integer(1, 300) * DAY_MS);
  const { index } = person;
  return [
    id,
    person.name,
    phoneNotation(person.phone, random),
    random.chance(0.1) ? phoneNotation(`198${String(index).padStart(8, '0')}`, random) : '',
    random.chance(0.7) ? emailNotation(person.email, random) : '',
    index === 0 || random.chance(0.4) ? `dy_${index}` : '',
    index === 0 || random.chance(0.3) ? `jd_${index}` : '',
    index === 0 || random.chance(0.3) ? `tb_${index}` : '',
    random.pick(['S', 'M', 'L', 'XL', '']),
    random.pick(['在线支付', '货到付款', '']),
    random.pick([updated.slashed, updated.dashed, updated.chinese]),
  ];
}

function enteredAgain(person: SamplePerson, anchorMs: number, random: Random): string[] {
  const { phone, name, email, index } = person;
  const spaced = `+86 ${phone.slice(0, 3)}-${phone.slice(3, 7)}-${phone.slice(7)}`;
  const updated = shanghai(anchorMs - random.integer(1, 30) * DAY_MS).slashed;
  const shouted = email.toUpperCase();
  return [`C5${String(index + 1).padStart(5, '0')}`, name, spaced, '', shouted, '', '', '', '', '', updated];
}

function householdMember(person: SamplePerson, anchorMs: number): string[] {
  const relative = `${[...person.name][0]}家明`;
  const id = `C6${String(person.index + 1).padStart(5, '0')}`;
  return [id, relative, person.phone, '', '', '', '', '', '', '', shanghai(anchorMs - DAY_MS).slashed];
}

function withoutPhone(person: SamplePerson, anchorMs: number): string[] {
  const id = `C7${String(person.index + 1).padStart(5, '0')}`;
  return [id, '匿名顾客', FILLER_PHONE, '', '', '', '', '', '', '', shanghai(anchorMs - DAY_MS).slashed];
}
