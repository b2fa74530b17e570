/** What fastify-plugin sets: hooks and decorators are for the instance that registers the plugin. */
export function asPlugin<P extends object>(plugin: P): P {
  return Object.assign(plugin, {
    [Symbol.for('skip-override')]: true,
    [Symbol.for('fastify.display-name')]: '@keystile/fastify',
    [Symbol.for('plugin-meta')]: { name: '@keystile/fastify', fastify: '5.x' },
  })
}
