import {
  Button,
  Group,
  Modal,
  NumberInput,
  Select,
  SimpleGrid,
  Stack,
  Switch,
  Textarea,
  TextInput,
} from '@mantine/core'
import { useState, type FormEvent } from 'react'
import { request } from '../../api/http'
import { CopyableId } from '../../components/copyable-id'
import { ProblemAlert } from '../../components/problem-alert'
import { useCurrentSession } from '../../session/session-context'
import { mayChange } from '../../session/use-session'
import { useCategories, useShopChange, type Product } from './shop'

interface ProductDialogProps {
  /** undefined: a new one */
  product?: Product
  onClose: () => void
}

/** One product, to look at and, for an admin, to change. */
export function ProductDialog({ product, onClose }: ProductDialogProps) {
  const [form, setForm] = useState(() => formOf(product))
  const canChange = mayChange(useCurrentSession())
  const categories = useCategories()
  const set = (changes: Partial<typeof form>) => setForm((current) => ({ ...current, ...changes }))
  const save = useShopChange(() => {
    const body = { ...form, stockQuantity: Number(form.stockQuantity), description: form.description || null }
    return product
      ? request('PATCH /v1/products/{id}', { path: { id: product.id }, body })
      : request('POST /v1/products', { body })
  }, onClose)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    save.mutate(undefined)
  }
  return (
    <Modal opened onClose={onClose} title={product ? product.name : 'Add product'} size="lg">
      <form onSubmit={submit}>
        <Stack>
          {product && <CopyableId id={product.id} label="the ID of the product" />}
          <fieldset disabled={!canChange} className="plain-fieldset">
            <SimpleGrid cols={{ base: 1, xs: 2 }}>
              <TextInput
                label="Name"
                required
                value={form.name}
                onChange={(event) => set({ name: event.currentTarget.value })}
              />
              <Select
                label="Category"
                required
                searchable
                data={categories.data ?? []}
                value={form.categoryId || null}
                onChange={(categoryId) => set({ categoryId: categoryId ?? '' })}
              />
              <TextInput
                label="Price"
                description="Exact, at most 4 digits behind the point"
                inputMode="decimal"
                required
                value={form.price}
                onChange={(event) => set({ price: event.currentTarget.value.trim() })}
              />
              <NumberInput
                label="In stock"
                description={product && `${product.sold} sold`}
                required
                min={0}
                allowDecimal={false}
                value={form.stockQuantity}
                onChange={(stockQuantity) => set({ stockQuantity })}
              />
            </SimpleGrid>
            <Textarea
              mt="md"
              label="Description"
              autosize
              value={form.description}
              onChange={(event) => set({ description: event.currentTarget.value })}
            />
            <Switch
              mt="md"
              label="Can be ordered"
              checked={form.isActive}
              onChange={(event) => set({ isActive: event.currentTarget.checked })}
            />
          </fieldset>
          {save.error && <ProblemAlert error={save.error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {canChange ? 'Cancel' : 'Close'}
            </Button>
            {canChange && (
              <Button
                type="submit"
                loading={save.isPending}
                disabled={!form.name.trim() || !form.price || !form.categoryId || form.stockQuantity === ''}
              >
                Save
              </Button>
            )}
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}

function formOf(product: Product | undefined) {
  return {
    name: product?.name ?? '',
    // As text: a price stays exact.
    price: product ? String(product.price) : '',
    categoryId: product?.categoryId ?? '',
    stockQuantity: (product?.stockQuantity ?? 0) as number | string,
    description: product?.description ?? '',
    isActive: product?.isActive ?? true,
  }
}
