import { expect, test } from '@jest/globals';
import { comparableName, mayBeOnePerson } from '../../../src/customer/identity/names.ts';

const agree = (a: string, b: string) => mayBeOnePerson(comparableName(a)!, comparableName(b)!);

test.each([
  ['张伟', '张 伟'],
  ['张**', '张伟'],
  ['张*', '张三丰'],
  ['*伟', '张伟'],
  ['张*', '*伟'],
  ['张先生', '张伟'],
  ['张某某', '张伟'],
  ['ZHANG Wei', 'zhang  wei'],
  ['Wei Zhang', 'Zhang, Wei'],
  ['张伟', 'Zhang Wei'],
])('%s and %s may be one person, either way round', (a, b) => {
  expect([agree(a, b), agree(b, a)]).toEqual([true, true]);
});

test.each([
  ['张伟', '李娜'],
  ['张**', '李娜'],
  ['张**', '李**'],
  ['John Smith', 'Jane Smith'],
])('%s and %s are two', (a, b) => {
  expect([agree(a, b), agree(b, a)]).toEqual([false, false]);
});

test.each(['', '  ', 'null', '匿名', '***', 'N/A'])('%p says nothing', (name) =>
  expect(comparableName(name)).toBeNull(),
);
