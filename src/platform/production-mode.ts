/**
 * The libraries check more, and more slowly, unless told that this is production: every question of graphql-js what
 * kind a type is took 1.3 times the CPU of a whole mutation. Imported before all of them; who develops one sets NODE_ENV.
 */
process.env.NODE_ENV ??= 'production';
