-- +goose Up

-- 每个订阅各自按先后推送，互不等待
CREATE INDEX hook_delivery_line ON hook_delivery (subscription, state, next_at, id);
