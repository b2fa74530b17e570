import type { Engine, StoreOptions } from './engine.ts'
import type { DrizzleDatabase } from './open.ts'
export declare function openDrizzle(db: DrizzleDatabase, schema: unknown, options: StoreOptions): Promise<Engine>
