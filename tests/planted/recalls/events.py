"""What happens to recalls."""

from recalls.workflows import RecallState

from sunlight.journal.declared import event, labels, subject

labels({"recalled_lots": "召回批号"})

RECALL = subject("recall", "产品召回", states=RecallState, is_topic=True, read_as="listing")
RECALL_ANNOUNCED = event("recall_announced", "发布召回", RECALL)
