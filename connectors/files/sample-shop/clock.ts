const SHANGHAI_OFFSET_MS = 8 * 3_600_000;

/** Beijing wall-clock time of an instant in the notations of the platforms. */
export function shanghai(instantMs: number) {
  const iso = new Date(instantMs + SHANGHAI_OFFSET_MS).toISOString();
  const [date = '', time = ''] = [iso.slice(0, 10), iso.slice(11, 19)];
  const [year, month, day] = date.split('-').map(Number);
  return {
    /** 2026-11-03 14:05:09 */
    dashed: `${date} ${time}`,
    /** 2026/11/3 14:05, as Excel writes it into CSV */
    slashed: `${year}/${month}/${day} ${Number(time.slice(0, 2))}:${time.slice(3, 5)}`,
    /** 2026年11月3日 */
    chineseDay: `${year}年${month}月${day}日`,
    /** 2026年11月3日 14:05 */
    chinese: `${year}年${month}月${day}日 ${time.slice(0, 5)}`,
    /** 2026-11-03 */
    day: date,
    /** A Date whose UTC parts read as the wall clock: how a date cell of a workbook is written. */
    cell: new Date(Math.floor((instantMs + SHANGHAI_OFFSET_MS) / 1000) * 1000),
  };
}
