import { Migration } from '@mikro-orm/migrations';

/** The capabilities of a node, and its hours: order routing decides by it. */
export class InventoryNodeProfiles extends Migration {
  override up(): void {
    this.addSql(`
      alter table node
        add column temperature_classes text[] not null default '{AMBIENT}',
        add column pickup boolean not null default false,
        add column delivery boolean not null default true,
        add column heavy_cargo boolean not null default false,
        add column time_zone text not null default 'Asia/Shanghai',
        -- 1 = Monday … 7 = Sunday
        add column working_weekdays int[] not null default '{1,2,3,4,5,6,7}',
        add column holidays text[] not null default '{}',
        add column extra_workdays text[] not null default '{}',
        -- Local; work taken in before it leaves the same day.
        add column cut_off text not null default '18:00' check (cut_off ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$'),
        -- May name a node that is not known yet.
        add column fallback_node text,
        add column handling_cost_minor int not null default 0 check (handling_cost_minor >= 0);
      update node set pickup = true where kind = 'STORE';
    `);
  }
}
