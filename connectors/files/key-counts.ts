/**
 * Counters by a number of 31 bits, in two flat arrays: 16 bytes a counter at most, where a map takes several times that.
 */
export class KeyCounts {
  #slots = 1 << 10;
  /** A key plus one; 0 is a free slot. */
  #keys = new Uint32Array(this.#slots);
  #counts = new Uint32Array(this.#slots);
  #size = 0;

  /** How many keys have been counted, those that are back at 0 included. */
  get size(): number {
    return this.#size;
  }

  get(key: number): number {
    return this.#counts[this.#slotOf(key)]!;
  }

  add(key: number, change: number): void {
    let slot = this.#slotOf(key);
    if (this.#keys[slot] === 0) {
      if (this.#size * 2 >= this.#slots) {
        this.#grow();
        slot = this.#slotOf(key);
      }
      this.#keys[slot] = key + 1;
      this.#size += 1;
    }
    this.#counts[slot]! += change;
  }

  /** The slot of a key, or the free one that it would take. */
  #slotOf(key: number): number {
    let slot = Math.imul(key, 0x9e3779b1) & (this.#slots - 1);
    while (this.#keys[slot] !== 0 && this.#keys[slot] !== key + 1) slot = (slot + 1) & (this.#slots - 1);
    return slot;
  }

  #grow(): void {
    const [keys, counts] = [this.#keys, this.#counts];
    this.#slots *= 2;
    this.#keys = new Uint32Array(this.#slots);
    this.#counts = new Uint32Array(this.#slots);
    for (const [slot, key] of keys.entries()) {
      if (key === 0) continue;
      const place = this.#slotOf(key - 1);
      this.#keys[place] = key;
      this.#counts[place] = counts[slot]!;
    }
  }
}
