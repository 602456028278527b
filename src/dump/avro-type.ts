/**
 * Avro schemas as plain data. avsc reads them: it knows names, namespaces and references. Logical types count as what
 * they are written as, as in Avro's own JSON.
 */
import type { Type, types } from 'avsc'
import { InvalidArgumentError } from '../errors.ts'

type Primitive = 'null' | 'boolean' | 'int' | 'long' | 'float' | 'double' | 'bytes' | 'string'

export type AvroType =
  | { readonly kind: Primitive }
  | { readonly kind: 'fixed'; readonly sizeInBytes: number }
  | { readonly kind: 'enum'; readonly symbols: readonly string[] }
  | { readonly kind: 'array'; readonly items: AvroType }
  | { readonly kind: 'map'; readonly values: AvroType }
  | { readonly kind: 'record'; readonly fields: readonly AvroField[] }
  | { readonly kind: 'union'; readonly branches: readonly AvroBranch[] }

export interface AvroField {
  readonly name: string
  readonly type: AvroType
}

/** One type of a union, with the name that Avro's JSON gives it there. */
export type AvroBranch = AvroField

interface Known {
  readonly types: typeof types
  readonly plain: Map<Type, AvroType>
}

/**
 * The schema that an .avsc file holds; may refer to itself. Loads avsc, which nothing else does.
 * Throws InvalidArgumentError for what is no schema; `path` is for its message.
 */
export async function parseAvroSchema(text: string, path: string): Promise<AvroType> {
  const { default: avsc } = await import('avsc')
  try {
    // Without a prototype, so that a record may be called toString. Unions of all kinds look the same to us.
    const registry = Object.create(null) as Record<string, Type>
    const schema = JSON.parse(text) as Parameters<typeof avsc.Type.forSchema>[0]
    return plainType(avsc.Type.forSchema(schema, { registry, wrapUnions: true }), {
      types: avsc.types,
      plain: new Map(),
    })
  } catch (cause) {
    const reason = (cause as Error).message
    throw new InvalidArgumentError(`${path} is no Avro schema (.avsc): ${reason}`, { cause })
  }
}

/** Each type once: a record that holds itself becomes one that refers to itself. */
function plainType(type: Type, known: Known): AvroType {
  const before = known.plain.get(type)
  if (before !== undefined) return before
  const { types } = known
  // A record's fields are filled in after it is known, because they may lead back to it.
  const fields: AvroField[] = []
  const plain: AvroType =
    type instanceof types.RecordType ? { kind: 'record', fields } : withoutFields(type, known)
  known.plain.set(type, plain)
  if (type instanceof types.RecordType)
    for (const field of type.fields)
      fields.push({ name: field.name, type: plainType(field.type, known) })
  return plain
}

function withoutFields(type: Type, known: Known): AvroType {
  const { types } = known
  if (type instanceof types.FixedType) return { kind: 'fixed', sizeInBytes: type.size }
  if (type instanceof types.EnumType) return { kind: 'enum', symbols: type.symbols }
  if (type instanceof types.ArrayType)
    return { kind: 'array', items: plainType(type.itemsType, known) }
  if (type instanceof types.MapType)
    return { kind: 'map', values: plainType(type.valuesType as Type, known) }
  if (type instanceof types.WrappedUnionType)
    return {
      kind: 'union',
      branches: type.types.map((branch) => ({
        name: branch.branchName ?? '',
        type: plainType(branch, known),
      })),
    }
  return { kind: type.typeName as Primitive }
}
