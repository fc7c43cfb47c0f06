/**
 * An oracle for promises by day that shares nothing with the hub: it plays the days one after the other with a shelf,
 * and asks for each quantity in turn whether every day ends with nothing missing.
 */

export interface World {
  /** Units on the shelf that nobody has taken. */
  shelf: number;
  /** Units promised today without goods: what arrives goes to them first. */
  owed: number;
  /** Days after today, negative for overdue ones. */
  arrivals: { day: number; units: number; returned?: boolean }[];
  promises: { day: number; units: number }[];
  overdue: { offset: number; fence: number };
  /** In hundredths: 70 of 100 returned units can be sold. */
  resaleHundredths: number;
}

export const HORIZON = 60;

function arrivingOn(world: World, day: number, returned: boolean): number {
  let units = 0;
  for (const arrival of world.arrivals) {
    if ((arrival.returned ?? false) !== returned) continue;
    const late = arrival.day < 0;
    if (late && -arrival.day > world.overdue.fence) continue;
    if ((late ? world.overdue.offset : arrival.day) === day) units += arrival.units;
  }
  return units;
}

/** The shelf at the end of each day; below zero where goods were missing. */
export function playDays(world: World): number[] {
  let { shelf, owed } = world;
  let [returnedUnits, returnedSold] = [0, 0];
  const ends: number[] = [];
  for (let day = 0; day <= HORIZON; day++) {
    let arriving = arrivingOn(world, day, false);
    returnedUnits += arrivingOn(world, day, true);
    const soFar =
      (returnedUnits * world.resaleHundredths - ((returnedUnits * world.resaleHundredths) % 100)) / 100;
    arriving += soFar - returnedSold;
    returnedSold = soFar;
    const paidBack = Math.min(owed, arriving);
    owed -= paidBack;
    shelf += arriving - paidBack;
    for (const promise of world.promises) if (Math.max(0, promise.day) === day) shelf -= promise.units;
    ends.push(shelf);
  }
  return ends;
}

/** Whether `units` more can be promised for the day; those of today only from what is on the shelf now. */
export function canPromise(world: World, day: number, units: number): boolean {
  if (day === 0 && units > world.shelf) return false;
  const ends = playDays({ ...world, promises: [...world.promises, { day, units }] });
  return ends.every((left, on) => on < day || left >= 0);
}

/** The most that can be promised for the day. */
export function mostFor(world: World, day: number, ceiling = 400): number {
  let units = 0;
  while (units < ceiling && canPromise(world, day, units + 1)) units++;
  return units;
}
